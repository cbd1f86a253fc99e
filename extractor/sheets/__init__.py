"""The working picture: turned, straightened, a photographed sheet made flat, what the device drew taken off."""
