package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/parse"
)

// Verb is one row of the table of commands. Help texts, docs/commands.md and the answers to unknown words are
// made from it.
type Verb struct {
	Name    string
	Usage   string // what follows the name
	About   string
	Example string
	// Least and Most bound the number of arguments; Most -1 is no bound.
	Least, Most int
}

// Verbs is the table of the commands that every process has. The phases of the process are commands as well.
func Verbs() []Verb {
	return []Verb{
		{"start", "VERSION [kind=TRACK] [due=YYYY-MM-DD] [process=NAME] [from=BRANCH] [skip=REASON]", "begin a release on this issue", "/release start 0.21.0 due=2026-12-18", 0, 5},
		{"plan", "[PHASE]", "list the exact writes of the next phase, and their hash", "/release plan", 0, 1},
		{"approve", "[HASH]", "sign the plan of the next phase that wants approvals", "/release approve 3f2c1ab9", 0, 1},
		{"next", "", "say what comes next and who may do it", "/release next", 0, 0},
		{"why", "", "list each gate of the next phase, what it saw, and who can clear it", "/release why", 0, 0},
		{"status", "", "say where the release stands", "/release status", 0, 0},
		{"exception", "#N REASON", "let one pull request in during the code freeze", `/release exception #123 "fixes a crash at start"`, 2, -1},
		{"pick", "#N", "cherry-pick a merged pull request into the release branch", "/release pick #123", 1, 1},
		{"done", "STEP [EVIDENCE]", "report a step as done by hand; what can be seen is looked at first", `/release done tested "link to the test report"`, 1, -1},
		{"skip", "STEP REASON", "go on without a step", `/release skip tested "no driver change"`, 2, -1},
		{"retry", "[STEP]", "try a stopped step again", "/release retry tag", 0, 1},
		{"hold", "REASON", "stop everything until resume", `/release hold "CI is down"`, 1, -1},
		{"resume", "", "go on after a hold", "/release resume", 0, 0},
		{"abort", "REASON", "give the release up, and undo what can be undone", `/release abort "a week too early"`, 1, -1},
		{"dud", "REASON", "mark the version as failed: its number is burned, and the next one may leave it out", `/release dud "half of the tags were pushed"`, 1, -1},
		{"team", "add|remove @USER [until=PHASE]", "change the release team", "/release team add @mara until=cut", 2, 3},
		{"help", "", "list the commands, with who may give them here", "/release help", 0, 0},
	}
}

// Elsewhere are the words after /release that no process decides: those of the issues of patch releases
// (package ledger). Unknown words may mean them.
func Elsewhere() []Verb {
	return []Verb{
		{"report", "[patches|MILESTONE|VERSION]", "keep a report on this issue", "/release report patches", 0, -1},
		{"check", "", "look at this patch-release issue again", "/release check", 0, 0},
	}
}

// Command is one command, as a person typed it on a tracking issue.
type Command struct {
	Source
	Text string
	Verb string
	Args []string
	// Options are the arguments of the form key=value, where the verb takes such.
	Options map[string]string
	// Title is the title of the issue when the comment was made: it may name the version of a release that is
	// begun without start. It grants nothing.
	Title string
	// Problem says why the line cannot be read: an open quote.
	Problem string
}

// Read makes a command of a line that begins with /release.
func Read(c parse.Command, comment int64, by, title string) Command {
	cmd := Command{
		Source:  Source{Comment: comment, Line: c.Line, By: by},
		Text:    strings.TrimSpace(c.Raw),
		Title:   title,
		Options: map[string]string{},
		Problem: c.Err,
	}
	if len(c.Words) < 2 {
		cmd.Verb = "help"
		return cmd
	}
	cmd.Verb = strings.ToLower(c.Words[1])
	for _, word := range c.Words[2:] {
		if key, value, ok := strings.Cut(word, "="); ok && takesOption(cmd.Verb, key) {
			cmd.Options[strings.ToLower(key)] = value
			continue
		}
		cmd.Args = append(cmd.Args, word)
	}
	return cmd
}

// startOptions are those that every process has; Process.Inputs are its own.
var startOptions = []string{"kind", "due", "process", "from", "skip"}

var optionName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func takesOption(verb, key string) bool {
	switch verb {
	case "start":
		return optionName.MatchString(strings.ToLower(key)) // which of them the process has is looked at when it is known
	case "team":
		return strings.EqualFold(key, "until")
	}
	return false
}

// rest joins the arguments from i on: reasons need no quotes.
func (c Command) rest(i int) string {
	if i >= len(c.Args) {
		return ""
	}
	return strings.TrimSpace(strings.Join(c.Args[i:], " "))
}

// usage checks the number of arguments against the table.
func (c Command) usage() *Refusal {
	i := slices.IndexFunc(Verbs(), func(v Verb) bool { return v.Name == c.Verb })
	if i < 0 {
		return nil // a phase; it checks its own
	}
	v := Verbs()[i]
	if len(c.Args) >= v.Least && (v.Most < 0 || len(c.Args) <= v.Most) {
		return nil
	}
	what := "something is missing after `" + v.Name + "`"
	if len(c.Args) > v.Least {
		what = fmt.Sprintf("%q is too much after `%s`", c.Args[len(c.Args)-1], v.Name)
	}
	return &Refusal{Why: what, Rule: "the command is `" + strings.TrimSpace("/release "+v.Name+" "+v.Usage) + "`", Fix: "for example `" + v.Example + "`"}
}

// unknown refuses a word that is no command, with the nearest one.
func unknown(p Process, c Command) *Refusal {
	words := []string{}
	for _, v := range slices.Concat(Verbs(), Elsewhere()) {
		words = append(words, v.Name)
	}
	for _, ph := range p.Phases {
		words = append(words, ph.Name)
	}
	refusal := &Refusal{Why: "there is no command " + Quoted(c.Verb) + " here", Fix: "comment `/release help` for the list"}
	if near, ok := parse.Nearest(c.Verb, words); ok {
		refusal.Fix = "did you mean `/release " + near + "`? `/release help` lists all commands"
	}
	return refusal
}

// withoutProcess refuses a command where no process can be read. The words that need none are named to whoever asks for
// help or seems to mean one of them.
func withoutProcess(c Command, problem Refusal) Refusal {
	var words, usages []string
	for _, v := range Elsewhere() {
		words = append(words, v.Name)
		usages = append(usages, "`"+strings.TrimSpace("/release "+v.Name+" "+v.Usage)+"`")
	}
	decided := slices.ContainsFunc(Verbs(), func(v Verb) bool { return v.Name == c.Verb })
	near, ok := parse.Nearest(c.Verb, words)
	switch {
	case c.Verb == "help":
		problem.Fix += ". Without a process there are " + strings.Join(usages, " and ")
	case ok && !decided:
		problem.Fix = "did you mean `/release " + near + "`? It needs no process. Else " + problem.Fix
	}
	return problem
}

// Quoted writes what somebody typed as inline code that cannot break out of it.
func Quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 120 {
		text = strings.ToValidUTF8(text[:120], "") + "…"
	}
	if text == "" {
		return "(nothing)"
	}
	return "`" + strings.ReplaceAll(text, "`", "'") + "`"
}
