package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/rehearsal"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/process"
)

type tryCommand struct {
	What    string `arg:"" optional:"" help:"A process file, that of --repo without it, or a built-in process."`
	Repo    string `help:"Rehearse on the branches, tags and files of this clone, which is only read."`
	Fail    string `help:"The step that goes wrong: its workflow fails, or nobody answers."`
	Track   string `help:"The track to go through; without it the first one that the next version has."`
	Release string `help:"The version to release; without it the next one."`
	Plan    bool   `help:"Print only the writes."`
}

func (c tryCommand) Run(s *streams) error {
	if c.What == "" && c.Repo != "" {
		c.What = filepath.Join(c.Repo, ".github", "release.yaml")
	}
	if c.What == "" {
		return c.list(s)
	}
	o := rehearsal.Options{
		File: c.What, Clone: c.Repo, Fail: c.Fail, Track: c.Track, Version: c.Release, Plan: c.Plan, Out: s.out,
		Log: zerolog.New(s.err).Level(zerolog.ErrorLevel), Gather: gather,
	}
	stories := demo.Rehearsals()
	i := slices.IndexFunc(stories, func(r demo.Rehearsal) bool { return r.Process == c.What })
	if i >= 0 && cmp.Or(c.Repo, c.Fail, c.Track, c.Release) == "" {
		return asFault(rehearsal.Story(s.ctx, stories[i], o))
	}
	builtin := slices.Contains(process.Names(), c.What)
	o.Process = []byte("process: " + c.What + "\n")
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
		if o.Process, err = read(s, c.What); err != nil {
			return err
		}
	}
	return asFault(rehearsal.Play(s.ctx, o))
}

// asFault lets what a rehearsal has to say to a person be printed as it is.
func asFault(err error) error {
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
		"  bot try --repo .                              the same\n"+
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
