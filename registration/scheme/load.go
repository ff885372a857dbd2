package scheme

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// Fault is one thing wrong at one place of a file; Faults are all of them. Get them with errors.As.
type (
	Fault  = yamltext.Fault
	Faults = yamltext.Faults
)

// File is a parameter file: its name as it shall stand in faults and provenance, and its bytes.
type File struct {
	Name    string
	Content []byte
}

//go:embed data/cn
var embedded embed.FS

// ChinaFiles returns the parameter files of China that come with this module.
func ChinaFiles() []File {
	files, err := FilesIn(embedded, "data/cn")
	if err != nil {
		panic("scheme: the embedded files cannot be read: " + err.Error()) // they are part of the program
	}
	return files
}

// China loads the parameters of China that come with this module, with a deployer's files over them. The error is Faults.
func China(overlays ...File) (*Catalogue, error) {
	return Load(append(ChinaFiles(), overlays...)...)
}

// FilesIn reads every .yaml file under a directory of fsys, in the order of their paths. The error is that of reading.
func FilesIn(fsys fs.FS, directory string) ([]File, error) {
	var files []File
	err := fs.WalkDir(fsys, directory, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err == nil {
			files = append(files, File{Name: name, Content: content})
		}
		return err
	})
	return files, err
}

// Load reads parameter files in order. A file may change a parameter of an earlier one only by saying so: `override: replace` or `override: extend`
// with a `reason`. The error is Faults, of all files together; nothing is loaded then.
func Load(files ...File) (*Catalogue, error) {
	l := &loader{parameters: map[ID]*Parameter{}}
	for _, file := range files {
		l.file(file)
	}
	if err := l.faults.Err(); err != nil {
		return nil, err
	}
	c := &Catalogue{parameters: l.parameters, files: l.files}
	for id := range l.parameters {
		c.ids = append(c.ids, id)
	}
	slices.Sort(c.ids)
	return c, nil
}

type loader struct {
	parameters map[ID]*Parameter
	files      []FileInfo
	faults     Faults
}

func (l *loader) fault(f *Fault) { l.faults = append(l.faults, f) }

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	jurisdictionRE = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
)

func (l *loader) file(file File) {
	root, err := yamltext.Parse(file.Name, file.Content)
	if err != nil {
		l.faults = append(l.faults, err.(Faults)...)
		return
	}
	if root.Kind != yamltext.Map {
		l.fault(root.Fault("is no parameter file", "start it with jurisdiction, version and parameters"))
		return
	}
	sum := sha256.Sum256(file.Content)
	info := FileInfo{Name: file.Name, SHA256: hex.EncodeToString(sum[:])}
	l.faults = append(l.faults, root.UnknownFields("jurisdiction", "version", "note", "parameters")...)
	info.Jurisdiction = l.text(root, "jurisdiction", "cn or cn.yunnan")
	info.Version = l.text(root, "version", "a quoted version such as '2026-01'")
	if info.Jurisdiction != "" && !jurisdictionRE.MatchString(info.Jurisdiction) {
		l.fault(root.Field("jurisdiction").Fault("is no jurisdiction", "write lower-case words joined by dots, such as cn.yunnan"))
	}
	list := root.Field("parameters")
	if list == nil || list.Kind != yamltext.List || len(list.Items) == 0 {
		l.fault(root.Fault("has no list of parameters", "add parameters: with at least one"))
		return
	}
	l.files = append(l.files, info)
	for _, item := range list.Items {
		if item.Kind != yamltext.Map {
			l.fault(item.Fault("is no parameter", "write a mapping with id, title, unit and values"))
			continue
		}
		l.parameter(item, info)
	}
}

// text returns a required non-blank scalar of a mapping.
func (l *loader) text(n *yamltext.Node, field, example string) string {
	v := n.Field(field)
	switch {
	case v.IsNull() || (v.Kind == yamltext.Scalar && strings.TrimSpace(v.Text) == ""):
		l.fault(n.Fault("has no "+field, "give "+example))
	case v.Kind != yamltext.Scalar:
		l.fault(v.Fault("is no text", "give "+example))
	default:
		return v.Text
	}
	return ""
}

// optional returns a scalar of a mapping that may be absent.
func (l *loader) optional(n *yamltext.Node, field string) string {
	v := n.Field(field)
	if v == nil {
		return ""
	}
	if v.Kind != yamltext.Scalar || strings.TrimSpace(v.Text) == "" {
		l.fault(v.Fault("is no text", "give a text or leave the field out"))
		return ""
	}
	return v.Text
}

func (l *loader) parameter(n *yamltext.Node, info FileInfo) {
	faultsBefore := len(l.faults)
	l.faults = append(l.faults, n.UnknownFields("id", "title", "unit", "values", "override", "reason", "note")...)
	p := &Parameter{ID: ID(l.text(n, "id", "an id such as cn.surcharge.daily_rate")), File: info.Name, Line: n.Line}
	override := OverrideMode(l.optional(n, "override"))
	base := l.parameters[p.ID]
	if p.ID != "" {
		l.checkID(n, p.ID, info, override)
	}
	l.declaration(n, p, base, override)
	values := n.Field("values")
	if values == nil || values.Kind != yamltext.List || len(values.Items) == 0 {
		l.fault(n.Fault("has no list of values", "add values: with from, value, source and status"))
		return
	}
	if !p.Unit.known() {
		return // the unit's own fault is reported; values cannot be read without it
	}
	for _, item := range values.Items {
		if value, ok := l.value(item, p, info); ok {
			p.Values = append(p.Values, value)
		}
	}
	if len(l.faults) > faultsBefore {
		return
	}
	l.checkTimeline(p)
	if len(l.faults) > faultsBefore {
		return
	}
	if override == "" {
		l.parameters[p.ID] = p
		return
	}
	l.override(n, base, p, Override{Mode: override, Reason: l.text(n, "reason", "why the earlier file is overridden"),
		File: info.Name, Version: info.Version, Line: n.Line})
}

func (l *loader) checkID(n *yamltext.Node, id ID, info FileInfo, override OverrideMode) {
	at := n.Field("id")
	base := l.parameters[id]
	switch {
	case !idPattern.MatchString(string(id)):
		l.fault(at.Fault(fmt.Sprintf("%q is no id", id), "write lower-case words joined by dots, such as cn.surcharge.daily_rate"))
	case override == "" && base != nil:
		l.fault(at.Fault(fmt.Sprintf("declares %s again: %s:%d declares it already", id, base.File, base.Line),
			"drop one, or write override: replace or override: extend"))
	case override == "" && info.Jurisdiction != "" && !strings.HasPrefix(string(id), info.Jurisdiction+"."):
		l.fault(at.Fault(fmt.Sprintf("%s does not belong to the file's jurisdiction %s", id, info.Jurisdiction), "begin the id with the jurisdiction"))
	case override != "" && override != Replace && override != Extend:
		l.fault(n.Field("override").Fault(fmt.Sprintf("%q is no way to override", override), "use replace or extend"))
	case override != "" && base == nil:
		l.fault(at.Fault(fmt.Sprintf("overrides %s, which no earlier file declares", id), "drop override, or load the earlier file before this one"))
	}
	if override == "" && n.Field("reason") != nil {
		l.fault(n.Field("reason").Fault("stands without an override", "drop it, or add override: replace or extend"))
	}
}

// declaration reads title and unit. An override inherits what it does not say and may not change the unit.
func (l *loader) declaration(n *yamltext.Node, p *Parameter, base *Parameter, override OverrideMode) {
	unit := n.Field("unit")
	if override != "" && base != nil {
		p.Title, p.Unit = base.Title, base.Unit
		if unit != nil && Unit(unit.Text) != base.Unit {
			l.fault(unit.Fault(fmt.Sprintf("changes the unit from %s to %s", base.Unit, unit.Text), "declare a new parameter instead"))
		}
		return
	}
	p.Unit = Unit(l.text(n, "unit", "a unit such as rate, CNY/month or table"))
	if p.Unit != "" && !p.Unit.known() {
		l.fault(unit.Fault(fmt.Sprintf("%q is no unit", p.Unit),
			"use rate, rate/day, rate/year, percent, factor, months, years, table, policy, or a currency such as CNY or CNY/month"))
	}
	title := n.Field("title")
	if title == nil || title.Kind != yamltext.Map {
		l.fault(n.Fault("has no title", "give title: {zh: …, en: …}"))
		return
	}
	l.faults = append(l.faults, title.UnknownFields("zh", "en")...)
	p.Title = Title{ZH: l.text(title, "zh", "the Chinese name"), EN: l.text(title, "en", "the English name")}
}
