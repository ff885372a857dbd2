package report

import "github.com/fundledger/fundledger/audit"

// labels are the words of a working paper.
var labels = map[string]audit.Text{
	"report":          {ZH: "审计工作底稿", EN: "Audit working paper"},
	"organisation":    {ZH: "审计单位", EN: "Auditor"},
	"audited":         {ZH: "被审计单位", EN: "Audited"},
	"reference":       {ZH: "底稿编号", EN: "Reference"},
	"by":              {ZH: "执行人", EN: "Run by"},
	"at":              {ZH: "执行时间", EN: "Run at"},
	"scope":           {ZH: "审计期间", EN: "Periods under audit"},
	"as of":           {ZH: "截止日", EN: "As of"},
	"all periods":     {ZH: "全部期间", EN: "all"},
	"result":          {ZH: "结果哈希", EN: "Result hash"},
	"seed":            {ZH: "随机种子", EN: "Seed"},
	"summary":         {ZH: "概要", EN: "Summary"},
	"violations":      {ZH: "违规", EN: "Violations"},
	"leads":           {ZH: "线索", EN: "Leads"},
	"rules hit":       {ZH: "有发现的规则", EN: "Rules with findings"},
	"rules clean":     {ZH: "未发现问题的规则", EN: "Rules without findings"},
	"rules open":      {ZH: "未能完成的规则", EN: "Rules not completed"},
	"glance":          {ZH: "发现一览", EN: "Findings at a glance"},
	"glance note":     {ZH: "先违规、后线索；按严重程度和涉及金额排列。", EN: "Violations first, then leads; by severity and amount at risk."},
	"largest":         {ZH: "涉及金额最大的发现", EN: "Findings with the largest amounts"},
	"unfinished":      {ZH: "未能完成的检查及原因", EN: "What could not be examined, and why"},
	"reason":          {ZH: "原因", EN: "Reason"},
	"period":          {ZH: "期间", EN: "Period"},
	"subject":         {ZH: "对象", EN: "Subject"},
	"at risk":         {ZH: "涉及金额", EN: "Amount at risk"},
	"at risk note":    {ZH: "同一凭证可能被多条规则发现，各规则金额不可相加。", EN: "One voucher may be found by several rules; amounts of different rules do not add up."},
	"warnings":        {ZH: "须先处理的事项", EN: "To be settled first"},
	"checkpoint":      {ZH: "检查点", EN: "Checkpoint"},
	"checkpoint note": {ZH: "本次审计读取至所列序号。默克尔根可与外部保存的检查点核对；按同一检查点重新执行应得到同一结果哈希。", EN: "The books were read up to the entries listed. The Merkle roots can be compared with a checkpoint kept outside; the same audit over the same checkpoint gives the same result hash."},
	"book":            {ZH: "账簿", EN: "Book"},
	"name":            {ZH: "名称", EN: "Name"},
	"entries":         {ZH: "记录数", EN: "Entries"},
	"closed":          {ZH: "结账至", EN: "Closed through"},
	"root":            {ZH: "默克尔根", EN: "Merkle root"},
	"agrees":          {ZH: "与读取内容", EN: "As read"},
	"yes":             {ZH: "一致", EN: "agrees"},
	"no":              {ZH: "不一致", EN: "differs"},
	"unread":          {ZH: "未读取", EN: "not read"},
	"sources":         {ZH: "数据来源", EN: "Sources"},
	"rules":           {ZH: "规则执行情况", EN: "Rules"},
	"rule":            {ZH: "规则", EN: "Rule"},
	"kind":            {ZH: "性质", EN: "Kind"},
	"severity":        {ZH: "严重程度", EN: "Severity"},
	"status":          {ZH: "状态", EN: "Status"},
	"found":           {ZH: "发现数", EN: "Found"},
	"examined":        {ZH: "检查数量", EN: "Examined"},
	"settings":        {ZH: "参数", EN: "Settings"},
	"default":         {ZH: "默认", EN: "default"},
	"basis":           {ZH: "依据", EN: "Basis"},
	"why":             {ZH: "含义", EN: "What it means"},
	"how":             {ZH: "检查方法", EN: "How it was tested"},
	"do":              {ZH: "处理建议", EN: "What to do"},
	"evidence":        {ZH: "证据", EN: "Evidence"},

	"date":            {ZH: "日期", EN: "Date"},
	"voucher":         {ZH: "凭证", EN: "Voucher"},
	"source":          {ZH: "来源", EN: "Source"},
	"lines":           {ZH: "分录行", EN: "Lines"},
	"hash":            {ZH: "哈希", EN: "Hash"},
	"response":        {ZH: "答复", EN: "Response"},
	"none":            {ZH: "无。", EN: "None."},
	"leads note":      {ZH: "线索不等于违规，须逐条核实后才能认定。", EN: "A lead is not a violation. Each must be followed up before anything is concluded from it."},
	"findings chart":  {ZH: "各规则发现数", EN: "Findings by rule"},
	"risk chart":      {ZH: "各规则涉及金额", EN: "Amount at risk by rule"},
	"month chart":     {ZH: "按期间分布的发现数", EN: "Findings by period"},
	"clean":           {ZH: "未发现问题", EN: "clean"},
	"hit":             {ZH: "有发现", EN: "findings"},
	"incomplete":      {ZH: "不完整", EN: "incomplete"},
	"not run":         {ZH: "未执行", EN: "not run"},
	"failed":          {ZH: "执行失败", EN: "failed"},
	"more":            {ZH: "另有 %d 条未在此列出，见 JSON 或 CSV 文件。", EN: "%d more are not shown here; see the JSON or CSV file."},
	"unlisted":        {ZH: "共 %d 条，超出记录上限的 %d 条只计数、未保存。", EN: "%d in all; the %d beyond the run's limit were counted and not kept."},
	"missing":         {ZH: "未执行：缺少数据来源 %s", EN: "not run: source %s absent"},
	"without":         {ZH: "未提供可选来源 %s", EN: "run without the optional source %s"},
	"disagrees":       {ZH: "账簿 %s 的默克尔根与读取的记录不符：应为 %s，实为 %s", EN: "book %s: its Merkle root is not that of the entries that were read: %s stated, %s read"},
	"incomplete rule": {ZH: "规则 %s 未能看到全部记录", EN: "rule %s did not see all records"},
	"failed rule":     {ZH: "规则 %s 执行失败：%s", EN: "rule %s failed: %s"},
	"no period":       {ZH: "无期间", EN: "none"},
	"earlier":         {ZH: "更早", EN: "earlier"},
	"prepared":        {ZH: "编制人", EN: "Prepared by"},
	"reviewed":        {ZH: "复核人", EN: "Reviewed by"},
	"opinion":         {ZH: "被审计单位意见", EN: "Opinion of the audited"},
	"page foot":       {ZH: "由 fundledger 生成，内容只取决于审计运行记录。", EN: "Made by fundledger from the record of the run alone."},
}

func label(name string) audit.Text {
	text, ok := labels[name]
	if !ok {
		panic("report: no label " + name) // a test renders every part of the page
	}
	return text
}

// subjectNames are what findings are about, as rules of this module name it; other names stand as they are.
var subjectNames = map[string]string{
	"account": "科目", "voucher": "凭证", "entry": "记录", "line": "行", "transfer": "划转", "voucher type": "凭证类型", "numbers": "编号", "month": "月份",
	"bank account": "银行账户", "item": "账项", "tag": "标签", "person": "人员", "statement": "报表", "row": "行次", "column": "栏次", "table": "表", "field": "字段",
	"member": "参保人", "employer": "单位", "scheme": "险种", "insurance": "险种", "enrolment": "参保记录", "demand": "核定单", "receipt": "到账", "payment": "待遇支付",
	"award": "待遇核定", "recovery": "追回", "day": "日期", "part": "缴费部分",
}

// evidenceKinds are what evidence refers to.
var evidenceKinds = map[string]audit.Text{
	"entry": {ZH: "账簿记录", EN: "entry"}, "trial balance": {ZH: "科目余额表", EN: "trial balance"}, "bank statement line": {ZH: "银行对账单行", EN: "bank statement line"},
	"statement cell": {ZH: "报表单元格", EN: "statement cell"}, "demand": {ZH: "应收核定单", EN: "demand"}, "receipt": {ZH: "到账记录", EN: "receipt"},
	"payment": {ZH: "待遇支付记录", EN: "payment"}, "return": {ZH: "退票", EN: "return"}, "enrolment": {ZH: "参保记录", EN: "enrolment"}, "died": {ZH: "死亡登记", EN: "registered death"},
	"award": {ZH: "待遇核定", EN: "award"}, "recovery": {ZH: "追回案件", EN: "recovery"}, "assessment": {ZH: "缴费核定明细", EN: "assessment"},
	"approval": {ZH: "审核", EN: "approval"},
}
