package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
)

type tryCommand struct {
	Process string `arg:"" help:"The process to rehearse: falco-libs."`
	Plan    bool   `help:"Print only the writes."`
}

// turn is one line of the rehearsal: who says what.
type turn struct{ by, says string }

// falcoTurns is the conversation of a whole Falco libs release.
var falcoTurns = []turn{
	{wiring.Manager, "/release prepare"},
	{wiring.Outsider, "/release freeze"},
	{wiring.Manager, "/release freeze"},
	{wiring.Manager, "/release branch"},
	{wiring.Manager, "/release rc"},
	{wiring.Manager, "/release thaw"},
	{wiring.Manager, "/release plan"},
	{wiring.Maria, "/release approve"},
	{wiring.Max, "/release approve"},
	{wiring.Manager, "/release cut"},
}

func (c tryCommand) Run(s *streams) error {
	if c.Process != "falco-libs" {
		return fault{fmt.Sprintf("there is no rehearsal of %q; there is one of falco-libs", c.Process)}
	}
	writes := &recorder{out: s.out, quiet: !c.Plan}
	st, err := wiring.Open(s.ctx, wiring.StageOptions{
		Clock: time.Now, Log: zerolog.New(s.err).Level(zerolog.ErrorLevel), Seed: wiring.FalcoLibs(), Front: writes.wrap,
	})
	if err != nil {
		return err
	}
	defer st.Close()
	writes.quiet = false
	seen := map[int64]string{}
	for _, t := range falcoTurns {
		if !c.Plan {
			fmt.Fprintf(s.out, "\n━━ %s: %s\n", t.by, t.says)
		}
		if _, err := st.Sandbox.As(t.by).Comment(s.ctx, wiring.Libs, wiring.Tracking, t.says); err != nil {
			return err
		}
		if err := st.Settle(s.ctx); err != nil {
			return err
		}
		if !c.Plan {
			if err := printReplies(s, st, seen); err != nil {
				return err
			}
		}
	}
	problems, err := wiring.CheckFalcoLibs(s.ctx, st)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fault{"The rehearsal did not end as it should:\n- " + strings.Join(problems, "\n- ")}
	}
	if !c.Plan {
		fmt.Fprintf(s.out, "\nThe release is out: branches, tags, release and milestone are as they should be (checked with git and the API).\n")
	}
	return nil
}

func printReplies(s *streams, st *wiring.Stage, seen map[int64]string) error {
	shot, err := st.Sandbox.Snapshot(s.ctx, wiring.Libs)
	if err != nil {
		return err
	}
	for _, is := range shot.Issues {
		if is.Number != wiring.Tracking {
			continue
		}
		for _, m := range is.Comments {
			if strings.HasSuffix(m.Author, "[bot]") && seen[m.ID] != m.Body {
				seen[m.ID] = m.Body
				text, _, _ := strings.Cut(m.Body, "\n\n<!-- slipway:key=")
				fmt.Fprintln(s.out, "   │ "+strings.ReplaceAll(text, "\n", "\n   │ "))
			}
		}
	}
	return nil
}
