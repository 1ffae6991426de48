package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
)

type tryCommand struct {
	Process string `arg:"" help:"The process to rehearse, for example falco-libs."`
	Plan    bool   `help:"Print only the writes."`
}

// gather is how long an event waits for others that belong to it.
const gather = 2 * time.Second

func (c tryCommand) Run(s *streams) error {
	all := demo.Rehearsals()
	i := slices.IndexFunc(all, func(r demo.Rehearsal) bool { return r.Process == c.Process })
	if i < 0 {
		var names []string
		for _, r := range all {
			names = append(names, r.Process)
		}
		return fault{fmt.Sprintf("there is no rehearsal of %q; there is one of %s", c.Process,
			strings.Join(names, ", "))}
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
