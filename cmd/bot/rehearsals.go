package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// turn is one line of a rehearsal: who says what, or what happens that nobody says.
type turn struct {
	by, says string
	happens  func(ctx context.Context, s *sandbox.Server) error
}

// rehearsal is a whole release: the conversation, and a look at where it ended.
type rehearsal struct {
	process, repo string
	seed          func() sandbox.Seed
	turns         []turn
	check         func(ctx context.Context, st *wiring.Stage) ([]string, error)
}

func rehearsals() []rehearsal {
	return []rehearsal{
		{"falco-libs", wiring.Libs, wiring.FalcoLibs, falcoTurns(), wiring.CheckFalcoLibs},
		{"falco-drivers", wiring.Libs, wiring.FalcoDrivers, driverTurns(), wiring.CheckFalcoDrivers},
		{"kata", wiring.Kata, wiring.KataContainers, kataTurns(), wiring.CheckKata},
	}
}

// falcoTurns is the conversation of a whole Falco libs release.
func falcoTurns() []turn {
	return []turn{
		{by: wiring.Manager, says: "/release prepare"},
		{by: wiring.Outsider, says: "/release freeze"},
		{by: wiring.Manager, says: "/release freeze"},
		{by: wiring.Manager, says: "/release branch"},
		{by: wiring.Manager, says: "/release rc"},
		{by: wiring.Manager, says: "/release thaw"},
		{by: wiring.Manager, says: "/release plan"},
		{by: wiring.Maria, says: "/release approve"},
		{by: wiring.Max, says: "/release approve"},
		{by: wiring.Manager, says: "/release cut"},
	}
}

// driverTurns is that of a driver whose number is first guessed and then derived.
func driverTurns() []turn {
	return []turn{
		{by: wiring.Manager, says: "/release start 9.0.0+driver process=falco-drivers from=release/0.21.x"},
		{by: wiring.Manager, says: "/release prepare"},
		{by: wiring.Manager, says: `/release abort "the number is another one"`},
		{by: wiring.Manager, says: "/release start 8.1.0+driver process=falco-drivers from=release/0.21.x"},
		{by: wiring.Outsider, says: "/release prepare"},
		{by: wiring.Manager, says: "/release prepare"},
		{by: wiring.Manager, says: "/release rc"},
		{by: wiring.Maria, says: "/release approve"},
		{by: wiring.Max, says: "/release approve"},
		{by: wiring.Manager, says: "/release cut"},
	}
}

// kataTurns is that of a Kata Containers release that needs a fix after its bump, as 9 of 32 real ones did.
func kataTurns() []turn {
	ci := func(workflow, conclusion, job string) turn {
		return turn{by: "GitHub Actions", says: strings.Join(strings.Fields(fmt.Sprintf("%s %s ends with %s", workflow, job, conclusion)), " "), happens: func(_ context.Context, s *sandbox.Server) error {
			var id int64
			for _, r := range s.Runs(wiring.Kata) {
				if strings.HasSuffix(r.Workflow, "/"+workflow) {
					id = r.ID
				}
			}
			return s.FinishJob(wiring.Kata, id, job, conclusion)
		}}
	}
	merge := func(number int) turn {
		return turn{by: wiring.Fabi, says: fmt.Sprintf("merges #%d", number), happens: func(ctx context.Context, s *sandbox.Server) error {
			return s.As(wiring.Fabi).MergePull(ctx, wiring.Kata, number, "squash")
		}}
	}
	return []turn{
		{by: wiring.Greg, says: "/release start 4.2.0"},
		{by: wiring.Zoe, says: "/release prepare"},
		{by: wiring.Greg, says: "/release prepare"},
		merge(3),
		{by: wiring.Greg, says: "/release freeze"},
		ci("payload-after-push.yaml", "success", ""),
		{by: wiring.Greg, says: "/release cut"},
		{by: "GitHub Actions", says: "release.yaml drafts 4.2.0", happens: draft},
		ci("release.yaml", "failure", "release"),
		{by: wiring.Greg, says: "/release fix"},
		merge(2),
		{by: wiring.Greg, says: "/release freeze"},
		ci("payload-after-push.yaml", "success", ""),
		{by: wiring.Greg, says: "/release cut"},
		{by: "GitHub Actions", says: "release.yaml drafts 4.2.0, uploads its files and publishes it", happens: publish},
		ci("release.yaml", "success", ""),
		{by: wiring.Greg, says: "/release announce"},
		{by: wiring.Greg, says: "/release done mail"},
	}
}

func draft(ctx context.Context, s *sandbox.Server) error {
	return s.As(wiring.KataCI).Do(ctx, http.MethodPost, "/repos/"+wiring.Kata+"/releases", map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "Kata Containers 4.2.0", "draft": true}, nil)
}

func publish(ctx context.Context, s *sandbox.Server) error {
	if err := draft(ctx, s); err != nil {
		return err
	}
	var all []struct {
		ID  int64  `json:"id"`
		Tag string `json:"tag_name"`
	}
	ci := s.As(wiring.KataCI)
	if err := ci.Do(ctx, http.MethodGet, "/repos/"+wiring.Kata+"/releases", nil, &all); err != nil {
		return err
	}
	at := ""
	for _, p := range all {
		if p.Tag == "4.2.0" {
			at = fmt.Sprintf("/repos/%s/releases/%d", wiring.Kata, p.ID)
		}
	}
	for _, name := range wiring.KataFiles("4.2.0") {
		if err := ci.Do(ctx, http.MethodPost, at+"/assets?name="+url.QueryEscape(name), map[string]any{"content": name}, nil); err != nil {
			return err
		}
	}
	return ci.Do(ctx, http.MethodPatch, at, map[string]any{"draft": false}, nil)
}
