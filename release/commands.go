package release

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
)

// Verb is one row of the table of commands: what people read of it, what it asks for, and what it decides. Each stands
// in a file of its own, command_NAME.go.
type Verb struct {
	Name    string
	Usage   string // what follows the name
	About   string
	Example string
	// Who says in words who may give it, where no process does. Its name then may be a word of its own: /priority.
	Who string
	// Least and Most bound the number of arguments; Most -1 is no bound.
	Least, Most int
	// First says that it goes before whatever else was said on the issue: it stops things.
	First bool

	// needs says what must be found out; nil for nothing but who the sender is.
	needs func(Release, Command, Process) Questions
	// decide turns the facts into events, or refuses.
	decide func(Release, Command, Facts, time.Time) ([]Event, *Refusal)
	// anytime says that it needs no release, running that it is of no use once the release was aborted.
	anytime, running bool
	// early says that it is answered rather than refused where no release was started.
	early bool
}

// Verbs is the table of the commands that every process has. The phases of the process are commands as well.
func Verbs() []Verb {
	return []Verb{
		startVerb(), planVerb(), approveVerb(), nextVerb(), whyVerb(), statusVerb(), exceptionVerb(), pickVerb(),
		doneVerb(),
		skipVerb(), retryVerb(), holdVerb(), resumeVerb(), abortVerb(), dudVerb(), teamVerb(), helpVerb(),
	}
}

func verb(name string) (Verb, bool) {
	all := Verbs()
	if i := slices.IndexFunc(all, func(v Verb) bool { return v.Name == name }); i >= 0 {
		return all[i], true
	}
	return Verb{}, false
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

// StartOptions are the options of /release start that every process has.
func StartOptions() []string { return slices.Clone(startOptions) }

var optionName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func takesOption(verb, key string) bool {
	switch verb {
	case "start":
		// which of them the process has is looked at when it is known
		return optionName.MatchString(strings.ToLower(key))
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
	v, ok := verb(c.Verb)
	if !ok {
		return nil // a phase; it checks its own
	}
	if len(c.Args) >= v.Least && (v.Most < 0 || len(c.Args) <= v.Most) {
		return nil
	}
	if len(c.Args) > v.Least {
		return extraArgument(v.Name, v.Usage, c.rest(v.Most), v.Example)
	}
	return missingArgument(v)
}

// unknown refuses a word that is no command, with the nearest one.
func unknown(p Process, c Command, elsewhere []Verb) *Refusal {
	words := []string{}
	for _, v := range slices.Concat(Verbs(), elsewhere) {
		words = append(words, v.Name)
	}
	for _, ph := range p.Phases {
		words = append(words, ph.Name)
	}
	near, _ := parse.Nearest(c.Verb, words)
	return unknownCommand(c.Verb, near)
}

// withoutProcess refuses a command where no process can be read. The words that need none are named to whoever asks for
// help or seems to mean one of them.
func withoutProcess(c Command, problem Refusal, elsewhere []Verb) Refusal {
	var words, usages []string
	for _, v := range elsewhere {
		words = append(words, v.Name)
		usages = append(usages, syntax(v.Name, v.Usage))
	}
	_, decided := verb(c.Verb)
	near, ok := parse.Nearest(c.Verb, words)
	switch {
	case c.Verb == "help" && len(usages) > 0:
		return worksWithoutProcess(problem, usages)
	case ok && !decided:
		return meantWithoutProcess(problem, near)
	}
	return problem
}
