// Package patches knows what the issues of patch releases say together: which versions have which problem, which fixes
// went where, which labels follow, and what a report of it reads like. It is pure: what was looked up comes in, what
// should be on GitHub comes out (the Kubernetes document "Building Kubernetes patch releases").
package patches

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container may have no zones

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/repofile"
)

//go:embed presets/*.yaml
var presets embed.FS

// File is where a repository says how its patch-release issues are kept, on its default branch.
const File = ".github/patch-issues.yaml"

// Label is a label with what GitHub shows of it.
type Label struct {
	Name  string `yaml:"name"`
	Color string `yaml:"color"`
	About string `yaml:"about"`
}

// Policy is how a repository keeps its patch-release issues. A list or map that is given replaces that of the preset.
type Policy struct {
	// Preset names a built-in policy to begin with: kubernetes.
	Preset string `yaml:"preset"`
	// Branches is the name of a release branch, with {minor} for 1.30: release-{minor}.
	Branches string `yaml:"branches"`
	// Maintained are the lines that get patches, 1.31. Without it they are the newest Keep that were released.
	Maintained minors `yaml:"maintained"`
	Keep       int    `yaml:"keep"`
	// Priorities and SIGs are the names behind priority/ and sig/. Required are the priorities of which a patch-release
	// issue has exactly one.
	Priorities []Label  `yaml:"priorities"`
	Required   []string `yaml:"required-priorities"`
	SIGs       []Label  `yaml:"sigs"`
	// Binaries and Paths say which SIG a component, or a part of the tree, belongs to.
	Binaries map[string]string `yaml:"binaries"`
	Paths    map[string]string `yaml:"paths"`
	// Rules give a priority where a person gave none; each label that comes of one says so.
	Rules []Rule `yaml:"priority-rules"`
	// Labels are the names of those that Slipway makes; {minor} is the line.
	Labels Names `yaml:"labels"`
	// Guarded are patterns of labels that only Trusted people change.
	Guarded []string `yaml:"guarded-labels"`
	Trusted Trusted  `yaml:"trusted"`

	// CloseResolved closes an issue when no maintained line is without its fix. Nobody's issue is closed unasked, so it
	// is off.
	CloseResolved bool `yaml:"close-resolved"`

	// Schedule is the file that says when patch releases come; without it the reports show no dates but those of
	// milestones.
	Schedule ScheduleFile `yaml:"schedule"`

	Milestones Milestones `yaml:"milestones"`
	Reports    Reports    `yaml:"reports"`
	Picks      Picks      `yaml:"cherry-picks"`
}

// Rule gives a priority to issues that carry a label or name a component.
type Rule struct {
	Priority string `yaml:"priority"`
	Label    string `yaml:"label"`
	Binary   string `yaml:"binary"`
}

// Names are the labels that follow from an issue.
type Names struct {
	// Tracked is on every patch-release issue, so that one list has them all.
	Tracked string `yaml:"tracked"`
	// MayAffect is of lines that nobody has looked at, Affects of those that have the problem, WontFix of those where
	// it stays by the decision of somebody trusted, and Resolved of those with a version that has the fix.
	MayAffect     string `yaml:"may-affect"`
	Affects       string `yaml:"affects"`
	WontFix       string `yaml:"wont-fix"`
	Resolved      string `yaml:"resolved"`
	NeedsPriority string `yaml:"needs-priority"`
	NeedsSIG      string `yaml:"needs-sig"`
	Embargo       string `yaml:"embargo"`
}

// Trusted are the people who may change guarded labels, set milestones and ask for picks: those with the permission on
// the repository, and the members of the teams.
type Trusted struct {
	Permission string   `yaml:"permission"`
	Teams      []string `yaml:"teams"`
}

// Milestones say how milestones follow the releases.
type Milestones struct {
	// Title is the milestone of a version: {version} is v1.30.5, {minor} 1.30.
	Title string `yaml:"title"`
	// OnMerge puts a pull request that is merged into a release branch into the milestone of the next patch.
	OnMerge bool `yaml:"on-merge"`
	// Rollover says what becomes of open items when the version is published: Block names the priorities that must not
	// be open (they are listed, and stay), Others is move, ask or leave.
	Block  []string `yaml:"block"`
	Others string   `yaml:"others"`
	// Remind are the days before the due date on which the report says so.
	Remind []int `yaml:"remind-days"`
}

// Reports say when reports that exist are brought up to date besides when something changed.
type Reports struct {
	// Every is how often the comparison "since the last report" begins anew, in days.
	Every int `yaml:"every-days"`
	// Weekly is the day on which the report of the coming patch releases is summed up in a comment of its own: monday.
	Weekly string `yaml:"weekly"`
	// Zone is where days begin and end, by its name in the IANA database: America/Los_Angeles. Without it, UTC.
	Zone string `yaml:"time-zone"`
}

// ScheduleFile is a file of the shape of kubernetes/website's data/releases/schedule.yaml, in another repository where
// Repo names one.
type ScheduleFile struct {
	Repo string `yaml:"repo"`
	Path string `yaml:"path"`
}

// Picks say how cherry-picks are asked for.
type Picks struct {
	// Label asks for a pick, with {minor}: cherry-pick/{minor}.
	Label string `yaml:"label"`
	// EOL are lines that get no picks any more, though they have a branch.
	EOL minors `yaml:"end-of-life"`
	// Approved is the label by which one of the Approvers lets a pull request into a release branch, and NotApproved
	// the one that stands there until then. Without them nobody is asked.
	Approved    string  `yaml:"approved"`
	NotApproved string  `yaml:"not-approved"`
	Approvers   Trusted `yaml:"approvers"`
}

// Location is the time zone of the reports.
func (r Reports) Location() *time.Location {
	if at, err := time.LoadLocation(r.Zone); err == nil { // else the policy cannot be used, as Load says
		return at
	}
	return time.UTC
}

// Presets are the names of the built-in policies.
func Presets() []string { return []string{"kubernetes"} }

// Load reads a policy. Every mistake is a line in the error, with its field and what to write instead.
func Load(data []byte) (Policy, error) {
	if err := repofile.Check(data, repofile.Own); err != nil {
		return Policy{}, err
	}
	var head struct {
		Preset string `yaml:"preset"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return Policy{}, errors.New(plainYAML(yaml.FormatError(err, false, true)))
	}
	p := Policy{
		Branches: "release-{minor}", Keep: 3, Trusted: Trusted{Permission: "triage"},
		Labels: Names{Tracked: "patch-release", MayAffect: "may-affect/{minor}", Affects: "affects/{minor}",
			WontFix: "wont-fix/{minor}", Resolved: "resolved/{minor}",
			NeedsPriority: "needs-priority", NeedsSIG: "needs-sig", Embargo: "security/embargo"},
		Milestones: Milestones{Title: "{version}", Others: "ask",
			Remind: []int{5, 0}}, Reports: Reports{Every: 7},
		Picks: Picks{Label: "cherry-pick/{minor}", Approvers: Trusted{Permission: "maintain"}},
	}
	if head.Preset != "" {
		preset, err := presets.ReadFile("presets/" + path.Base(head.Preset) + ".yaml")
		if err != nil {
			return Policy{}, fmt.Errorf("preset: %s", wrong(head.Preset, Presets()))
		}
		if err := decode(preset, &p); err != nil {
			return Policy{}, fmt.Errorf("preset %s: %w", head.Preset, err)
		}
	}
	if err := decode(data, &p); err != nil {
		return Policy{}, err
	}
	return p, p.check()
}

func decode(data []byte, p *Policy) error {
	read := *p
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&read)
	switch {
	case errors.Is(err, io.EOF): // nothing but comments
	case err != nil:
		return errors.New(plainYAML(strings.TrimSpace(yaml.FormatError(err, false, true))))
	default:
		*p = read
	}
	return nil
}

// minors are lines, as they were typed: 1.30 without quotes is a number to YAML, and would become 1.3.
type minors []string

// UnmarshalYAML reads the text of the list.
func (m *minors) UnmarshalYAML(text []byte) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return err
	}
	for _, doc := range file.Docs {
		list, ok := doc.Body.(*ast.SequenceNode)
		if !ok {
			return fmt.Errorf("%q is not a list of release lines; write for example [\"1.31\", \"1.30\"]",
				strings.TrimSpace(string(text)))
		}
		*m = nil
		for _, item := range list.Values {
			*m = append(*m, item.GetToken().Value)
		}
	}
	return nil
}

// wrong says that a word is none of those known, and which was probably meant.
func wrong(word string, known []string) string {
	if near, ok := parse.Nearest(word, known); ok {
		return fmt.Sprintf("%q is not one of %s; did you mean %s?", word, strings.Join(known, ", "), near)
	}
	return fmt.Sprintf("%q is not one of %s", word, strings.Join(known, ", "))
}

var minorText = regexp.MustCompile(`^\d+\.\d+$`)

// longestLabel is GitHub's bound for the name of a label, in characters.
const longestLabel = 50

func (p Policy) check() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...)))
	}
	for field, pattern := range map[string]string{"branches": p.Branches, "labels.affects": p.Labels.Affects,
		"labels.resolved": p.Labels.Resolved, "labels.may-affect": p.Labels.MayAffect,
		"labels.wont-fix": p.Labels.WontFix, "cherry-picks.label": p.Picks.Label} {
		if strings.Count(pattern, "{minor}") != 1 {
			bad(field, "%q must contain {minor} once, for example %q", pattern,
				strings.TrimSuffix(pattern, "/")+"/{minor}")
		}
	}
	for i, minor := range slices.Concat(p.Maintained, p.Picks.EOL) {
		if !minorText.MatchString(minor) {
			bad(fmt.Sprintf("maintained or end-of-life, item %d", i),
				"%q is not a release line; write it in quotes, for example \"1.30\"", minor)
		}
	}
	names := func(list []Label) (out []string) {
		for _, l := range list {
			out = append(out, l.Name)
		}
		return out
	}
	for _, name := range p.Required {
		if !slices.Contains(names(p.Priorities), name) {
			bad("required-priorities", "%s", wrong(name, names(p.Priorities)))
		}
	}
	for field, m := range map[string]map[string]string{"binaries": p.Binaries, "paths": p.Paths} {
		for key, sig := range m {
			if !slices.Contains(names(p.SIGs), sig) {
				bad(field+"."+key, "%s", wrong(sig, names(p.SIGs)))
			}
		}
	}
	for i, r := range p.Rules {
		if !slices.Contains(names(p.Priorities), r.Priority) {
			bad(fmt.Sprintf("priority-rules[%d].priority", i), "%s", wrong(r.Priority, names(p.Priorities)))
		}
		if r.Label == "" && r.Binary == "" {
			bad(fmt.Sprintf("priority-rules[%d]", i),
				"a rule needs a label or a binary, for example `label: release-blocker`")
		}
	}
	for _, name := range slices.Concat(p.Milestones.Block, nil) {
		if !slices.Contains(names(p.Priorities), name) {
			bad("milestones.block", "%s", wrong(name, names(p.Priorities)))
		}
	}
	if others := []string{"move", "ask", "leave"}; !slices.Contains(others, p.Milestones.Others) {
		bad("milestones.others", "%s", wrong(p.Milestones.Others, others))
	}
	if weekdays := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
		"sunday"}; p.Reports.Weekly != "" && !slices.Contains(weekdays, p.Reports.Weekly) {
		bad("reports.weekly", "%s", wrong(p.Reports.Weekly, weekdays))
	}
	if _, err := time.LoadLocation(p.Reports.Zone); err != nil {
		bad("reports.time-zone", "%q is not a time zone; write for example Europe/Berlin, or UTC", p.Reports.Zone)
	}
	if p.Schedule.Repo != "" && (p.Schedule.Path == "" || strings.Count(p.Schedule.Repo, "/") != 1) {
		bad("schedule", "needs a repository and a file: {repo: kubernetes/website, path: data/releases/schedule.yaml}")
	}
	p.checkPeople(bad)
	for _, l := range p.known() {
		if len([]rune(l.Name)) > longestLabel {
			bad("labels", "%q is longer than %d characters, the limit of GitHub", l.Name, longestLabel)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// checkPeople looks at who is trusted, and who approves cherry-picks.
func (p Policy) checkPeople(bad func(field, format string, args ...any)) {
	permissions := []string{"read", "triage", "write", "maintain", "admin"}
	if !slices.Contains(permissions, p.Trusted.Permission) {
		bad("trusted.permission", "%s", wrong(p.Trusted.Permission, permissions))
	}
	if (p.Picks.Approved == "") != (p.Picks.NotApproved == "") {
		bad("cherry-picks", "approved and not-approved must be set together: {approved: cherry-pick-approved, "+
			"not-approved: do-not-merge/cherry-pick-not-approved}")
	}
	if p.Picks.Approved != "" && !slices.Contains(permissions, p.Picks.Approvers.Permission) {
		bad("cherry-picks.approvers.permission", "%s", wrong(p.Picks.Approvers.Permission, permissions))
	}
}

// The prefixes of the two families of labels that people know (kubernetes/test-infra, label_sync/labels.yaml).
const (
	PriorityPrefix = "priority/"
	SIGPrefix      = "sig/"
)

// known are all labels that the policy may make, without those of lines.
func (p Policy) known() []Label {
	var out []Label
	for _, l := range p.Priorities {
		out = append(out, Label{PriorityPrefix + l.Name, l.Color, l.About})
	}
	for _, l := range p.SIGs {
		out = append(out, Label{SIGPrefix + l.Name, l.Color, l.About})
	}
	if p.Picks.Approved != "" {
		out = append(out,
			Label{p.Picks.Approved, "fef2c0",
				"Indicates a cherry-pick PR into a release branch has been approved by the release branch manager."},
			Label{p.Picks.NotApproved, "e11d21",
				"Indicates that a PR is not yet approved to merge into a release branch."},
		)
	}
	return append(out,
		Label{p.Labels.Tracked, "1d76db", "An issue for a patch release; its description lists the affected versions."},
		Label{p.Labels.NeedsPriority, "ededed", "A priority must be chosen."},
		Label{p.Labels.NeedsSIG, "ededed", "The responsible SIG must be named."},
		Label{p.Labels.Embargo, "b60205", "The security team keeps the details private until the fix is published."},
	)
}

// Describe is the label of a name, with its colour and description.
func (p Policy) Describe(name string) Label {
	for _, l := range p.known() {
		if strings.EqualFold(l.Name, name) {
			return l
		}
	}
	if minor, ok := p.lineOf(p.Labels.Affects, name); ok {
		return Label{name, "fbca04", "Affects versions of " + minor + "."}
	}
	if minor, ok := p.lineOf(p.Labels.MayAffect, name); ok {
		return Label{name, "fef2c0", "Nobody has said yet whether " + minor + " has the problem."}
	}
	if minor, ok := p.lineOf(p.Labels.WontFix, name); ok {
		return Label{name, "ffffff", "Decided: not to be fixed in " + minor + "."}
	}
	if minor, ok := p.lineOf(p.Labels.Resolved, name); ok {
		return Label{name, "0e8a16", "Resolved in a version of " + minor + "."}
	}
	if minor, ok := p.lineOf(p.Picks.Label, name); ok {
		return Label{name, "c5def5", "Cherry-pick into " + p.Branch(minor) + " requested."}
	}
	return Label{name, "ededed", ""}
}

// Branch is the release branch of a line.
func (p Policy) Branch(minor string) string { return strings.Replace(p.Branches, "{minor}", minor, 1) }

// wontFix is the label by which a trusted person decides that a line gets no fix.
func (p Policy) wontFix(minor string) string {
	return strings.Replace(p.Labels.WontFix, "{minor}", minor, 1)
}

// LineOfBranch is the line of a release branch.
func (p Policy) LineOfBranch(branch string) (minor string, ok bool) {
	return p.lineOf(p.Branches, branch)
}

// lineOf reads the line out of a name that was made of a pattern.
func (p Policy) lineOf(pattern, name string) (minor string, ok bool) {
	before, after, _ := strings.Cut(pattern, "{minor}")
	rest, ok := strings.CutPrefix(name, before)
	if !ok {
		return "", false
	}
	if minor, ok = strings.CutSuffix(rest, after); !ok || !minorText.MatchString(minor) {
		return "", false
	}
	return minor, true
}

// Guards says that a label is one that only trusted people change.
func (p Policy) Guards(name string) bool {
	return slices.ContainsFunc(p.Guarded, func(pattern string) bool {
		hit, _ := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		return hit
	})
}

// Names of the priorities and SIGs, as commands take them.
func (p Policy) PriorityNames() []string { return labelNames(p.Priorities) }

// SIGNames are the names behind sig/.
func (p Policy) SIGNames() []string { return labelNames(p.SIGs) }

func labelNames(list []Label) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.Name
	}
	return out
}

// mismatch is how the YAML library tells of a value of the wrong kind: in the words of Go, of which people know
// nothing. The library has two ways of it.
var (
	mismatch = regexp.MustCompile(`cannot unmarshal (.+?) into Go (?:struct field|value) ?(?:\S+ )?of type (\S+)`)
	misplace = regexp.MustCompile(`(\S+) was used where (\S+) is expected`)
)

// plainYAML says in plain words what is wrong with a YAML file. The library shows the lines around it as well, which is
// too much for a sentence.
func plainYAML(problem string) string {
	problem, _, _ = strings.Cut(problem, "\n")
	for _, way := range []*regexp.Regexp{mismatch, misplace} {
		problem = way.ReplaceAllStringFunc(problem, func(found string) string {
			parts := way.FindStringSubmatch(found)
			return fmt.Sprintf("this must be %s, but is %s", kindOf(parts[2]), kindOf(parts[1]))
		})
	}
	return problem
}

// kindOf names a kind of values for people.
func kindOf(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"), goType == "sequence", strings.HasSuffix(goType, "minors"):
		return "a list"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"), strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "text"
	default:
		return "a mapping"
	}
}
