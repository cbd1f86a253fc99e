"""Words for running text: duties, goals, indicators. All made up."""

from __future__ import annotations

import random

SUBJECTS = (
    "基层服务站点",
    "信息系统",
    "重点企业",
    "困难群众",
    "专业技术人员",
    "老旧设施",
    "执法案件",
    "示范村",
    "公共场所",
    "培训学员",
    "档案卷宗",
    "监测点位",
    "项目申报单位",
    "农田水利设施",
    "社区网格员",
    "检测样品",
    "宣传资料",
    "在建工程",
    "城镇新增就业人员",
    "特种设备",
)
ACTIONS = (
    "检查",
    "建设",
    "改造",
    "补助",
    "培训",
    "维护",
    "更新",
    "抽检",
    "走访",
    "验收",
    "宣传",
    "评估",
    "整治",
    "登记",
    "审核",
    "采购",
)
MEASURES = ("个", "人次", "次", "户", "份", "台（套）", "公里", "平方米", "批次", "场", "件", "家")
QUALITY = ("合格率", "达标率", "验收通过率", "准确率", "覆盖率", "完好率", "办结率", "及时率", "优良率", "持证上岗率")
EFFECTS = (
    "带动当地群众增收",
    "提升公共服务水平",
    "保障机关正常运转",
    "促进经济社会协调发展",
    "降低安全事故发生率",
    "改善人居环境质量",
    "增强群众法治意识",
    "推动产业转型升级",
    "减少财政资金浪费",
    "提高行政审批效率",
    "维护社会和谐稳定",
    "节约能源资源",
)
LASTING = ("长效管理机制健全性", "设施持续发挥作用年限", "政策持续影响期限", "队伍建设可持续性", "后续管护制度完善程度")
DEGREES = ("明显", "有效提升", "逐步改善", "显著提高", "较上年有所提高", "良好", "长期", "持续", "基本满足", "较好")
EVIDENCE = (
    "计划标准",
    "行业标准",
    "历史标准",
    "工作方案",
    "上级文件规定",
    "问卷调查",
    "统计报表",
    "合同约定",
    "年度工作总结",
    "《预算绩效管理办法》",
)
DUTIES = (
    "贯彻执行国家和省、市有关法律法规和方针政策，拟订本地区有关规划并组织实施",
    "负责编制年度预算草案，组织预算执行，承担预算绩效管理工作",
    "承担行政审批、行政处罚和行政强制等执法职责，查处违法违规行为",
    "指导基层单位开展业务工作，组织人员培训和考核",
    "负责统计、监测和信息发布，推进数据共享和业务协同",
    "承办区委、区政府交办的其他事项",
    "组织实施重大项目建设，协调解决推进中的困难和问题",
    "负责安全生产监督管理和应急处置的组织协调",
    "开展对外交流与合作，宣传推广先进经验",
)
GOALS = (
    "完成{a}{b}不少于{n}{m}，{q}达到{p}%以上",
    "全面推进{a}{b}工作，{e}",
    "建立健全{a}管理制度，做到责任到人、记录完整",
    "按时完成{b}任务，确保资金支付进度与工程进度相匹配",
    "对{n}{m}{a}实施{b}，{e}，服务对象满意度不低于{p}%",
    "巩固上年{b}成果，{e}，为下一阶段工作打好基础",
)


def goal(rng: random.Random) -> str:
    return rng.choice(GOALS).format(
        a=rng.choice(SUBJECTS),
        b=rng.choice(ACTIONS),
        n=rng.randint(2, 900),
        m=rng.choice(MEASURES),
        q=rng.choice(QUALITY),
        p=rng.randint(80, 99),
        e=rng.choice(EFFECTS),
    )


def goals(rng: random.Random, low: int, high: int) -> str:
    """Several goals as list items (one a line, as typed with line breaks) or run together in one paragraph."""
    count = rng.randint(low, high)
    sentences = [goal(rng) for _ in range(count)]
    style = rng.choice(("1.", "1、", "（1）", "目标1：", "run"))
    if style == "run" or count == 1:
        return "；".join(sentences) + "。"
    lines = [style.replace("1", str(i)) + s + ("；" if i < count else "。") for i, s in enumerate(sentences, 1)]
    return "\n".join(lines)


def third_level(rng: random.Random, second: str) -> tuple[str, str]:
    """An indicator and its target value for a second-level heading."""
    subject, action = rng.choice(SUBJECTS), rng.choice(ACTIONS)
    percent = rng.choice((80, 85, 90, 92, 95, 98, 99, 100))
    sign = rng.choice(("≥", "≥", "", "≧", "不低于"))
    if "数量" in second:
        measure = rng.choice(MEASURES)
        count = str(rng.choice((1, 2, 4, 12, 30, 50, 120, 365, 1200, 15000)))
        shape = rng.choice(("unit", "in name", "bare"))
        if shape == "in name":
            return f"{subject}{action}数量（{measure}）", count
        return (
            f"{subject}{action}数量",
            f"{rng.choice(('', '≥', '＞', '不少于'))}{count}{measure}" if shape == "unit" else count,
        )
    if "质量" in second:
        return f"{subject}{action}{rng.choice(QUALITY)}", f"{sign}{percent}%"
    if "时效" in second:
        return rng.choice((f"{action}任务完成时间", "资金拨付及时率", f"{subject}{action}及时性")), rng.choice(
            ("12月底前", f"{sign}{percent}%", "2024年12月31日前", "及时", "按季度完成")
        )
    if "成本" in second:
        return rng.choice(("项目总成本", f"{subject}{action}单位成本", "人均补助标准", "预算控制数")), rng.choice(
            (f"≤{rng.randint(2, 900)}万元", f"{rng.randint(50, 3000)}元/人", "不超预算", f"≦{rng.randint(1, 100)}%")
        )
    if "满意" in second:
        return rng.choice(("服务对象满意度", "群众满意度", f"{subject}满意度", "受益单位满意率")), f"{sign}{percent}%"
    if "可持续" in second:
        return rng.choice(LASTING), rng.choice((*DEGREES, f"≥{rng.randint(1, 10)}年"))
    return rng.choice(EFFECTS), rng.choice((*DEGREES, f"{sign}{percent}%"))
