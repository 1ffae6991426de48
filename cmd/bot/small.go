package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/process"
)

type versionCommand struct{}

func (versionCommand) Run(s *streams) error {
	fmt.Fprintln(s.out, "slipway", version)
	return nil
}

type lintCommand struct {
	File    string `arg:"" optional:"" help:"The file to check, or - for standard input. With --repo: the repository's."`
	Repo    string `help:"Hold it against this repository: OWNER/NAME."`
	Config  string `help:"With --repo: the server's configuration, or the environment." env:"SLIPWAY_CONFIG" type:"path"`
	Explain bool   `help:"Print each phase with its gates and steps, and what abort does with them."`
	Policy  bool   `help:"It is a policy of patch-release issues, whatever its name."`
}

func (c lintCommand) Run(s *streams) error {
	if c.Repo != "" {
		return c.against(s)
	}
	if c.File == "" {
		return fault{"Which file? For example: bot lint .github/release.yaml, or bot lint --repo OWNER/NAME"}
	}
	data, err := read(s, c.File)
	if err != nil {
		return err
	}
	return c.lint(s, data)
}

// lint says what is wrong with a file.
func (c lintCommand) lint(s *streams, data []byte) error {
	if c.policy(data) {
		return c.lintPolicy(s, data)
	}
	p, err := process.Load(data)
	var problems process.Errors
	if errors.As(err, &problems) {
		lines := make([]string, len(problems))
		for i, e := range problems {
			lines[i] = fmt.Sprintf("%s: %s", c.File, e.Error())
		}
		return fault{strings.Join(lines, "\n")}
	}
	if errors.Is(err, process.ErrNoProcess) {
		fmt.Fprintf(s.out, "%s is good: it has no process, and allows other repositories to use this one.\n", c.File)
		return nil
	}
	if err != nil {
		return fault{fmt.Sprintf("%s: %v", c.File, err)}
	}
	fmt.Fprintf(s.out, "%s is good: the process %s, with %d phases.\n", c.File, p.Name, len(p.Phases))
	for _, change := range p.Changed {
		fmt.Fprintln(s.out, release.ChangeText(change))
	}
	if c.Explain {
		explain(s.out, p)
	}
	return nil
}

// explain prints what a process requires and does: also the gates that come with a step, and what abort does.
func explain(out io.Writer, p release.Process) {
	on := func(tracks []string) string {
		if len(tracks) == 0 {
			return ""
		}
		return " [" + strings.Join(tracks, ", ") + "]"
	}
	for _, phase := range p.Phases {
		fmt.Fprintf(out, "\n%s, by %s: %s\n", phase.Name, strings.Join(phase.Who, ", "), phase.About)
		for _, g := range phase.Needs {
			how := "requires"
			if g.Warn {
				how = "warns   "
			}
			fmt.Fprintf(out, "  %s  %s%s\n", how, g.Name(), on(g.Tracks))
		}
		for _, s := range phase.Steps {
			abort := "stays: " + s.Stays
			if s.Undo.Any != nil {
				abort = "is rolled back"
			}
			fmt.Fprintf(out, "  does      %s: %s%s\n            on abort, %s\n", s.ID, s.Title, on(s.Tracks), abort)
		}
	}
}

// policy says that the file is one of patch-release issues: by its name, or by the word that only such a file begins
// with.
func (c lintCommand) policy(data []byte) bool {
	return c.Policy || filepath.Base(c.File) == path.Base(patches.File) ||
		regexp.MustCompile(`(?m)^preset:`).Match(data)
}

func (c lintCommand) lintPolicy(s *streams, data []byte) error {
	p, err := patches.Load(data)
	if err != nil {
		return fault{c.File + ": " + strings.ReplaceAll(err.Error(), "\n", "\n"+c.File+": ")}
	}
	fmt.Fprintf(s.out, "%s is good: %d priorities, %d SIGs, release branches called %s.\n", c.File, len(p.Priorities),
		len(p.SIGs), p.Branches)
	return nil
}

// read reads a file or standard input, of which nobody needs more than a few megabytes.
func read(s *streams, name string) ([]byte, error) {
	const most = 8 << 20
	if name == "-" {
		return io.ReadAll(io.LimitReader(s.in, most))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fault{fmt.Sprintf("%s cannot be read: %v", name, err)}
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

type parseCommand struct {
	File string `arg:"" help:"The issue body or comment, or - for standard input."`
}

func (c parseCommand) Run(s *streams) error {
	data, err := read(s, c.File)
	if err != nil {
		return err
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	return out.Encode(parse.Document(string(data)))
}

type nextCommand struct {
	Process string `arg:"" help:"The process: falco-libs, ..."`
	Current string `arg:"" help:"The version that exists."`
	Kind    string `arg:"" help:"major, minor, patch, rc, final, dev or alpha, as the process allows."`
}

func (c nextCommand) Run(s *streams) error {
	scheme, known := process.Scheme(c.Process)
	if !known {
		return fault{fmt.Sprintf("there is no process %q; known are %s", c.Process,
			strings.Join(process.Names(), ", "))}
	}
	current, ok := scheme.Read(c.Current)
	if !ok {
		_, err := scheme.Parse(c.Current)
		return says(err)
	}
	next, err := scheme.Next(current, c.Kind)
	if err != nil {
		return says(err)
	}
	fmt.Fprintln(s.out, next)
	return nil
}

func says(err error) error {
	var rule *release.RuleError
	if errors.As(err, &rule) {
		return fault{rule.Error()}
	}
	return err
}
