package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/rehearsal"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/process"
)

type tryCommand struct {
	What    string `arg:"" optional:"" help:"A process file of your own, or the name of a built-in process."`
	Repo    string `help:"Rehearse on the branches, tags and files of this clone, which is only read."`
	Fail    string `help:"The step that goes wrong: its workflow fails, or nobody answers."`
	Track   string `help:"The track to go through; without it the first one that the next version has."`
	Release string `help:"The version to release; without it the next one."`
	Plan    bool   `help:"Print only the writes."`
}

// gather is how long an event waits for others that belong to it.
const gather = 2 * time.Second

func (c tryCommand) Run(s *streams) error {
	if c.What == "" {
		return c.list(s)
	}
	builtin := slices.Contains(process.Names(), c.What)
	own := cmp.Or(c.Repo, c.Fail, c.Track, c.Release) != ""
	if builtin && !own {
		return c.story(s)
	}
	data := []byte("process: " + c.What + "\n")
	if !builtin {
		info, err := os.Stat(c.What)
		switch {
		case c.What == "-":
		case errors.Is(err, os.ErrNotExist):
			return fault{c.unknown()}
		case err == nil && info.IsDir():
			return fault{fmt.Sprintf("%[1]s is a directory; name the process file: bot try %[2]s --repo %[1]s", c.What,
				filepath.Join(c.What, ".github", "release.yaml"))}
		}
		if data, err = read(s, c.What); err != nil {
			return err
		}
	}
	err := rehearsal.Play(s.ctx, rehearsal.Options{
		File: c.What, Process: data, Clone: c.Repo, Fail: c.Fail, Track: c.Track, Version: c.Release, Plan: c.Plan,
		Out: s.out, Log: zerolog.New(s.err).Level(zerolog.ErrorLevel),
	})
	if said, is := errors.AsType[*rehearsal.Problem](err); is {
		return fault{said.Text}
	}
	return err
}

// unknown answers what is neither a file nor a process.
func (c tryCommand) unknown() string {
	text := fmt.Sprintf("%s is neither a file nor a built-in process", c.What)
	if near, found := parse.Nearest(c.What, process.Names()); found {
		text += "; did you mean " + near + "?"
	}
	return text + "\nBuilt in are " + strings.Join(process.Names(), ", ") +
		".\nA file of your own: bot try .github/release.yaml --repo PATH-OF-A-CLONE"
}

// list is what there is to try.
func (tryCommand) list(s *streams) error {
	fmt.Fprint(s.out, "A process file of your own, from its first command to its end:\n\n"+
		"  bot try .github/release.yaml                  in a repository that is made up\n"+
		"  bot try .github/release.yaml --repo .         on the branches, tags and files of a clone\n"+
		"  bot try .github/release.yaml --fail STEP      what happens when a step goes wrong\n"+
		"  bot try .github/release.yaml --track patch    another track than the first\n\n"+
		"A built-in process, as a story with mistakes in it (with --repo or --fail: as a file `process: NAME`):\n\n")
	for _, r := range demo.Rehearsals() {
		p, err := process.Builtin(r.Process)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  bot try %-18s %s: %s\n", r.Process, p.Title, r.About)
	}
	return nil
}

// story plays a built-in process as it is written down, and looks at where it ends.
func (c tryCommand) story(s *streams) error {
	all := demo.Rehearsals()
	i := slices.IndexFunc(all, func(r demo.Rehearsal) bool { return r.Process == c.What })
	if i < 0 {
		return fault{c.unknown()}
	}
	r := all[i]
	writes := &recorder{out: s.out, quiet: !c.Plan}
	st, err := demo.Open(s.ctx, demo.StageOptions{
		Clock: time.Now, Log: zerolog.New(s.err).Level(
			zerolog.ErrorLevel), Seed: r.Seed(), Front: writes.wrap, Gather: gather, Pause: 5 * gather,
	})
	if err != nil {
		return err
	}
	defer st.Close()
	writes.quiet = false
	seen := map[int64]string{}
	for _, t := range r.Turns {
		if !c.Plan {
			fmt.Fprintf(s.out, "\n━━ %s: %s\n", t.By, t.Says)
		}
		if err := r.Play(s.ctx, st, t); err != nil {
			return err
		}
		if !c.Plan {
			if err := printReplies(s, st, r.Repo, seen); err != nil {
				return err
			}
		}
	}
	problems, err := r.Check(s.ctx, st)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fault{"The rehearsal did not end as it should:\n- " + strings.Join(problems, "\n- ")}
	}
	if !c.Plan {
		fmt.Fprintf(s.out, "\nThe release is out: all is as it should be (checked with git and the API).\n")
	}
	return nil
}

func printReplies(s *streams, st *demo.Stage, repo string, seen map[int64]string) error {
	snapshot, err := st.Sandbox.Snapshot(s.ctx, repo)
	if err != nil {
		return err
	}
	for _, is := range snapshot.Issues {
		for _, m := range is.Comments {
			text, hidden, _ := strings.Cut(m.Body, "\n\n<!-- slipway:")
			if strings.HasSuffix(m.Author, "[bot]") && seen[m.ID] != text && !strings.HasPrefix(hidden, "copy ") {
				seen[m.ID] = text
				fmt.Fprintln(s.out, "   │ "+strings.ReplaceAll(text, "\n", "\n   │ "))
			}
		}
	}
	return nil
}
