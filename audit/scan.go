package audit

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

const maxAmount = money.MaxAmount

// MostFindings is how many findings of one rule a run lists if the engagement does not say; all are counted.
const MostFindings = 10_000

// Engagement is one order to audit (审计任务): who, when, over what, with which settings.
type Engagement struct {
	By    string           // who runs it; required
	Clock func() time.Time // required; read once
	Title string           // of the working paper
	Scope Scope            // AsOf is the clock's day if zero
	Seed  uint64           // of whatever draws at random

	// Settings are parameters by rule and name, where they differ from the defaults: {"L10": {"days": 60}}.
	Settings map[string]map[string]int64

	// Checkpoint repeats an earlier run: books are read up to the entry given here, and their roots are compared with those given here. A book that it does not
	// name is read as it stands; one that it names and that is not given ends the run with ErrCheckpoint, one that has become shorter fails the rules that read it.
	Checkpoint []BookPoint

	// MostFindings bounds how many findings of one rule are listed. MostFindings (10,000) if zero.
	MostFindings int
}

// Run carries the engagement out. The error is for a faulty engagement, all of whose faults are joined, for a checkpoint whose books are not given, and for an ended
// context; a source that fails ends the rules that read it, and the run says so.
func (a *Audit) Run(ctx context.Context, e Engagement) (*Run, error) {
	if err := a.check(&e); err != nil {
		return nil, err
	}
	at := e.Clock()
	if e.Scope.AsOf.IsZero() {
		e.Scope.AsOf = calendar.DateOf(at)
	}
	s := &scan{audit: a, engagement: &e, run: &Run{
		Format: runFormat, By: e.By, At: at.UTC().Truncate(time.Second), Title: e.Title, Scope: e.Scope, Seed: e.Seed, Sources: []SourceUse{}, Checkpoint: []BookPoint{},
		Unreadable: []Unreadable{}, Outcomes: make([]Outcome, len(a.rules)), Findings: []Finding{},
	}}
	s.begin(ctx)
	if err := s.readBooks(ctx); err != nil {
		return nil, err
	}
	for _, t := range s.running() {
		t.end(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.finish()
	return s.run, nil
}

func (a *Audit) check(e *Engagement) error {
	var wrong faults
	add := func(detail, hint string) { wrong.add(ErrEngagementInvalid, "engagement", detail, hint) }
	if e.By == "" {
		add("nobody runs it", "give By")
	}
	if e.Clock == nil {
		add("no clock", "give Clock")
	}
	if e.MostFindings < 0 {
		add(fmt.Sprintf("%d findings at most", e.MostFindings), "give a positive number, or zero for the default")
	}
	named := map[BookRef]bool{}
	for _, point := range e.Checkpoint {
		if point.Seq < 0 {
			add(fmt.Sprintf("checkpoint of book %s at entry %d", point.Book, point.Seq), "take it from Run.Checkpoint")
		}
		if named[point.Book] {
			add(fmt.Sprintf("checkpoint names book %s twice", point.Book), "name each book once")
		}
		named[point.Book] = true
	}
	s := e.Scope
	if !s.AsOf.IsZero() && !s.AsOf.Valid() || !s.From.IsZero() && !s.From.Valid() || !s.To.IsZero() && !s.To.Valid() || !s.To.IsZero() && s.From > s.To {
		add(fmt.Sprintf("scope %v to %v as of %v", s.From, s.To, s.AsOf), "give real periods in their order and a real day")
	}
	for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
		i := slices.IndexFunc(a.rules, func(r Rule) bool { return r.ID == id })
		if i < 0 {
			add("settings of rule "+id+", which is not run", "remove them, or add the rule")
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(e.Settings[id])) {
			checkSetting(&a.rules[i], name, e.Settings[id][name], add)
		}
	}
	return wrong.err()
}

func checkSetting(r *Rule, name string, value int64, add func(detail, hint string)) {
	for _, p := range r.Parameters {
		if p.Name == name {
			if value < p.Least || value > p.Most {
				add(fmt.Sprintf("%s.%s = %d", r.ID, name, value), fmt.Sprintf("give %d to %d", p.Least, p.Most))
			}
			return
		}
	}
	add(r.ID+"."+name+" is no parameter", "use a parameter of the rule")
}

// scan is a run under way.
type scan struct {
	audit      *Audit
	engagement *Engagement
	run        *Run
	tasks      []*Task // by place of the rule; nil for a rule that is not run
	unread     map[BookRef]bool
}

// begin lists the sources, and starts each rule whose sources are there.
func (s *scan) begin(ctx context.Context) {
	for _, name := range slices.Sorted(maps.Keys(s.audit.sources)) {
		source := s.audit.sources[name]
		use := SourceUse{Name: name, Title: source.title}
		if known, ok := source.value.(interface {
			Identity(ctx context.Context) (string, error)
		}); ok {
			identity, err := known.Identity(ctx)
			if err != nil {
				identity = "unknown: " + err.Error()
			}
			use.Identity = identity
		}
		s.run.Sources = append(s.run.Sources, use)
	}
	s.tasks = make([]*Task, len(s.audit.rules))
	s.unread = map[BookRef]bool{}
	for i := range s.audit.rules {
		s.beginRule(ctx, i)
	}
}

func (s *scan) beginRule(ctx context.Context, i int) {
	r, outcome := &s.audit.rules[i], &s.run.Outcomes[i]
	settings := map[string]int64{}
	*outcome = Outcome{
		Rule: r.ID, Version: r.Version, Title: r.Title, Why: r.Why, How: r.How, Do: r.Do, Kind: r.Kind, Severity: r.Severity, Basis: r.Basis, Status: Ran,
		Settings: []Setting{}, Missing: []Text{}, Without: []Text{}, Examined: []Count{}, AtRisk: []Sum{}, Notes: []Text{},
	}
	for _, p := range r.Parameters {
		value, ok := s.engagement.Settings[r.ID][p.Name]
		if !ok {
			value = p.Default
		}
		settings[p.Name] = value
		outcome.Settings = append(outcome.Settings, Setting{Name: p.Name, Title: p.Title, Unit: p.Unit, Value: value, Default: p.Default, Source: p.Source})
	}
	for _, d := range r.Reads {
		if _, ok := s.audit.sources[d.Name()]; !ok {
			outcome.Status = NotRun
			outcome.Missing = append(outcome.Missing, d.Title())
		}
	}
	for _, d := range r.Uses {
		if _, ok := s.audit.sources[d.Name()]; !ok {
			outcome.Without = append(outcome.Without, d.Title())
		}
	}
	if outcome.Status == NotRun {
		return
	}
	most := s.engagement.MostFindings
	if most == 0 {
		most = MostFindings
	}
	t := &Task{rule: r, sources: s.audit.sources, scope: s.run.Scope, seed: s.engagement.Seed, settings: settings, most: most, outcome: outcome, ids: map[string]int{}}
	s.tasks[i] = t
	t.err = r.Check(ctx, t)
	if len(t.begins) > 0 && !t.declared(BooksSource.name) {
		panic(fmt.Sprintf("audit: rule %s reads books and does not declare it", r.ID))
	}
}

// running returns the tasks that no error has ended.
func (s *scan) running() []*Task {
	var all []*Task
	for _, t := range s.tasks {
		if t != nil && t.err == nil {
			all = append(all, t)
		}
	}
	return all
}

// readBooks reads every book once for all rules. Its error is the end of the context.
func (s *scan) readBooks(ctx context.Context) error {
	source, ok := s.audit.sources[BooksSource.name]
	if !ok {
		return cmp.Or(s.missing(nil), ctx.Err())
	}
	books, ok := source.value.(Books)
	if !ok {
		panic(fmt.Sprintf("audit: the source of books is a %T", source.value))
	}
	list, err := books.Books(ctx)
	if err != nil {
		s.fail(err)
		return ctx.Err()
	}
	if err := s.missing(list); err != nil {
		return err
	}
	for i := range list {
		point := s.point(&list[i])
		s.readBook(ctx, books, &list[i], point)
		point.Agrees = point.Root == "" || point.Read == "" || point.Root == point.Read
		s.run.Checkpoint = append(s.run.Checkpoint, *point)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// missing names the books of the checkpoint that are not among those given.
func (s *scan) missing(given []ledger.Book) error {
	var wrong faults
	for _, point := range s.engagement.Checkpoint {
		if !slices.ContainsFunc(given, func(b ledger.Book) bool { return BookRef(b.ID) == point.Book }) {
			wrong.add(ErrCheckpoint, "book "+point.Book.String(), "the earlier run read it, and it is not among the books given", "give it, or find out where it went")
		}
	}
	return wrong.err()
}

// fail ends every rule that wants to see books.
func (s *scan) fail(err error) {
	for _, t := range s.running() {
		if len(t.begins) > 0 {
			t.err = err
		}
	}
}

// point is where a book is read: as it stands, or where the engagement says.
func (s *scan) point(book *ledger.Book) *BookPoint {
	p := &BookPoint{
		Book: BookRef(book.ID), Code: book.Code, Name: book.Name, Currency: book.Currency.Code(), Seq: book.Seq, Root: hex.EncodeToString(book.Root[:]),
	}
	if book.ClosedThrough >= book.First && !book.First.IsZero() {
		p.Closed = book.ClosedThrough.String()
	}
	for _, earlier := range s.engagement.Checkpoint {
		if earlier.Book == p.Book {
			p.Code, p.Name, p.Seq, p.Root, p.Closed = earlier.Code, earlier.Name, earlier.Seq, earlier.Root, earlier.Closed
		}
	}
	return p
}

// reading is a rule's view of the book that is being read.
type reading struct {
	task  *Task
	hooks Hooks
}

func (s *scan) readBook(ctx context.Context, books Books, stands *ledger.Book, point *BookPoint) {
	book := &Book{Book: *stands}
	book.Seq = point.Seq
	var readings []*reading
	for _, t := range s.running() {
		for _, begin := range t.begins {
			hooks, err := begin(ctx, book)
			if err != nil {
				t.err = err
				break
			}
			readings = append(readings, &reading{task: t, hooks: hooks})
		}
	}
	if len(readings) == 0 {
		return
	}
	var last calendar.Month
	var err error
	if point.Seq > stands.Seq {
		err = &Error{Code: ErrCheckpoint, Subject: "book " + point.Book.String(), Detail: fmt.Sprintf("has %d entries, the checkpoint is of entry %d", stands.Seq, point.Seq),
			Hint: "it was cut, or it is another book"}
	} else {
		last, err = s.readEntries(ctx, books, book, readings, point)
	}
	if err == nil {
		err = s.readMonths(ctx, book, last, readings)
	}
	for _, r := range readings {
		if err != nil && r.task.err == nil {
			r.task.err = err
		}
		r.call(r.hooks.End != nil, func() error { return r.hooks.End(ctx) })
	}
}

// call runs a hook of a rule that has not ended.
func (r *reading) call(wanted bool, hook func() error) {
	if wanted && r.task.err == nil {
		r.task.err = hook()
	}
}

// readEntries hands every entry to every rule and returns the last month that any of them is of.
func (s *scan) readEntries(ctx context.Context, books Books, book *Book, readings []*reading, point *BookPoint) (calendar.Month, error) {
	var tree seal.Frontier
	var last calendar.Month
	for e, err := range books.Entries(ctx, book.ID, book.Seq) {
		if missing, ok := errors.AsType[*Unreadable](err); ok {
			s.run.Unreadable = append(s.run.Unreadable, *missing)
			s.unread[point.Book] = true
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("audit: read entries of book %s: %w", point.Book, err)
		}
		book.Chart = e.chart
		tree.Append(e.Leaf, nil)
		point.Entries++
		if len(e.Lines) > 0 {
			last = max(last, e.Effective.Month())
		}
		for _, r := range readings {
			r.call(r.hooks.Entry != nil, func() error { return r.hooks.Entry(ctx, e) })
		}
	}
	point.Read = frontierRoot(&tree)
	if s.unread[point.Book] {
		for _, r := range readings {
			r.task.outcome.Status = Incomplete
		}
	}
	return last, ctx.Err()
}

// readMonths hands the stated balances of every month to the rules that want them.
func (s *scan) readMonths(ctx context.Context, book *Book, last calendar.Month, readings []*reading) error {
	wanting := slices.DeleteFunc(slices.Clone(readings), func(r *reading) bool { return r.hooks.Month == nil })
	if len(wanting) == 0 || book.First.IsZero() {
		return nil
	}
	balances, ok := s.audit.sources[BalancesSource.name].value.(Balances)
	if !ok {
		return nil
	}
	last = min(max(last, book.First.Month()), s.run.Scope.AsOf.Month())
	for month := book.First.Month(); month <= last; month = month.Add(1) {
		trial, err := balances.Month(ctx, book.ID, month, book.Seq)
		if errors.Is(err, ErrNotStated) {
			for _, r := range wanting {
				r.task.Note(Text{
					ZH: fmt.Sprintf("账簿 %s 未提供 %v 的科目余额表", book.Ref(), month), EN: fmt.Sprintf("book %s: no trial balance of %v was stated", book.Ref(), month),
				})
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("audit: read balances of book %s for %v: %w", book.Ref(), month, err)
		}
		m := &MonthBalances{Month: month, Trial: trial, Chart: chartOf(trial.Rows)}
		for _, r := range wanting {
			r.call(true, func() error { return r.hooks.Month(ctx, m) })
		}
	}
	return nil
}

func chartOf(rows []ledger.TrialRow) *Chart {
	c := NewChart(nil)
	for i := range rows {
		c.add(rows[i].Account)
	}
	return c
}

// finish gathers what the rules found.
func (s *scan) finish() {
	place := map[string]int{}
	for i, t := range s.tasks {
		place[s.audit.rules[i].ID] = i
		if t == nil {
			continue
		}
		if t.err != nil {
			t.outcome.Status, t.outcome.Failure = Failed, t.err.Error()
		}
		s.run.Findings = append(s.run.Findings, t.findings...)
	}
	sortFindings(s.run.Findings, place)
	s.run.Result = s.run.Hash()
}
