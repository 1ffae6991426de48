package faults

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// story is what happens while something is disturbed.
type story struct {
	name, repo string
	seed       func() sandbox.Seed
	ends       string // what the undisturbed end holds
	sample     int    // of points, where not all are tried
	most       int    // of points where all are: a story of many calls would take hours; 0 is no bound
	acts       []act
	outages    []outage
}

// outage is from which act to which, the first being 1, nobody takes deliveries. None of these acts needs an answer to
// another one.
type outage struct{ from, to int }

// bound is how many points are tried. SLIPWAY_FAULTS is a number, or all.
func (y story) bound() int {
	text := os.Getenv("SLIPWAY_FAULTS")
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	switch {
	case text != "all":
		return y.sample
	case y.most > 0:
		return y.most
	}
	return math.MaxInt
}

// act is one thing that a person does.
type act func(ctx context.Context, s *sandbox.Server) error

func (y story) play(ctx context.Context, s *sandbox.Server, settle func() error) (string, error) {
	for i, do := range y.acts {
		if err := do(ctx, s); err != nil {
			return "", fmt.Errorf("act %d: %w", i+1, err)
		}
		if err := settle(); err != nil {
			return "", fmt.Errorf("after act %d: %w", i+1, err)
		}
	}
	return end(ctx, s, y.repo)
}

var stories = []story{
	// A whole release, with an exception, its pick, and a second candidate.
	{name: "the release", repo: wiring.Libs, seed: wiring.FalcoLibs, ends: "tag 0.21.0 ", sample: 45,
		outages: []outage{{1, 5}, {9, 13}}, acts: []act{
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release prepare"),
			says(wiring.Libs, wiring.Outsider, wiring.Tracking, "/release freeze"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release freeze"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release branch"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release rc"),
			says(wiring.Libs, wiring.Maria, wiring.Tracking, `/release exception #2 "it crashes"`),
			merges(wiring.Libs, wiring.Maria, 2),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release pick #2"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release rc"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release thaw"),
			says(wiring.Libs, wiring.Maria, wiring.Tracking, "/release approve"),
			says(wiring.Libs, wiring.Max, wiring.Tracking, "/release approve"),
			says(wiring.Libs, wiring.Manager, wiring.Tracking, "/release cut"),
		}},
	// A Kata Containers release with a fix window: workflows are started once, and drafts deleted once.
	{name: "the release with workflows", repo: wiring.Kata, seed: wiring.KataContainers, ends: "tag 4.2.0 ", sample: 16,
		most: 600, outages: []outage{{1, 2}, {18, 20}}, acts: []act{
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release start 4.2.0"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release prepare"),
			merges(wiring.Kata, wiring.Fabi, 3),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release freeze"),
			finishes(wiring.Kata, "payload-after-push.yaml", "success"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release cut"),
			calls(wiring.KataCI, wiring.Kata, "POST", "/releases",
				map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "4.2.0", "draft": true}),
			finishes(wiring.Kata, "release.yaml", "failure"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release retry run"),
			finishes(wiring.Kata, "release.yaml", "cancelled"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release fix"),
			merges(wiring.Kata, wiring.Fabi, 2),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release freeze"),
			finishes(wiring.Kata, "payload-after-push.yaml", "success"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release cut"),
			calls(wiring.KataCI, wiring.Kata, "POST", "/releases",
				map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "4.2.0"}),
			finishes(wiring.Kata, "release.yaml", "success"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, `/release skip verify "no files here"`),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, `/release skip images "no images here"`),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release announce"),
			says(wiring.Kata, wiring.Greg, wiring.Tracking, "/release done slack\n/release done mail"),
		}},
	// A release of peer pods: the tags of a set of modules are made once each, and the pre-release is published once.
	{name: "the release of modules", repo: wiring.PeerPods, seed: wiring.ConfidentialContainers,
		ends: "tag src/webhook/v0.9.0 ", sample: 16, most: 600, outages: []outage{{1, 3}}, acts: []act{
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking,
				"/release start v0.9.0 kata=3.6.0 guest-components=v0.9.0 trustee=v0.9.0"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release sources"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release prepare"),
			merges(wiring.PeerPods, wiring.Pia, 3),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release bump"),
			merges(wiring.PeerPods, wiring.Pia, 4),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release alpha"),
			wiring.BuildPeerPods,
			finishes(wiring.PeerPods, "release.yaml", "success"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release freeze"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking,
				"/release done libvirt\n/release done aws\n/release done azure\n/release done docker\n/release done "+
					"ibmcloud\n/release done vsphere"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release pin"),
			merges(wiring.PeerPods, wiring.Pia, 5),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release cut"),
			finishes(wiring.PeerPods, "release.yaml", "success"),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release finish"),
			merges(wiring.PeerPods, wiring.Pia, 6),
			says(wiring.PeerPods, wiring.Wanda, wiring.Tracking, "/release done slack"),
		}},
	// A patch-release issue from its first mistake to the version that has its fix, with a report, two picks and a
	// rollover.
	{name: "the patch-release issue", repo: wiring.Kube, seed: wiring.Kubernetes, ends: "tag v1.31.1 ", sample: 24,
		most: 600, outages: []outage{{3, 5}}, acts: []act{
			calls(wiring.Olga, wiring.Kube, "POST", "/issues",
				map[string]any{"title": "it serves twice", "body": problem + "resolved-in=v1.31\n" + rest}),
			says(wiring.Kube, wiring.Petra, wiring.Patches, "/release report patches"),
			says(wiring.Kube, wiring.Olga, 4, "/priority critical-urgent"),
			says(wiring.Kube, wiring.Petra, 4, "/priority critical-urgent\n/sig node"),
			says(wiring.Kube, wiring.Petra, 2, "/cherry-pick release-1.31 release-1.30"),
			merges(wiring.Kube, wiring.Sam, 2),
			merges(wiring.Kube, wiring.Sam, 5),
			calls(wiring.Olga, wiring.Kube, "PATCH", "/issues/4",
				map[string]any{"body": problem + "resolved-in=v1.31.1\n" + rest}),
			says(wiring.Kube, wiring.Petra, 4, "/milestone v1.31.1"),
			says(wiring.Kube, wiring.Petra, wiring.Patches, "/release report v1.31.1"),
			calls(wiring.Petra, wiring.Kube, "POST", "/releases",
				map[string]any{"tag_name": "v1.31.1", "target_commitish": "release-1.31", "name": "v1.31.1"}),
			calls(wiring.Olga, wiring.Kube, "PATCH", "/issues/4", map[string]any{"state": "closed"}),
			says(wiring.Kube, wiring.Petra, wiring.Patches, "/milestone roll v1.31.1"),
		}},
}

const (
	problem = "```release\nintroduced-in=v1.30.0\n"
	rest    = "```\n## Symptoms\nIt serves twice.\n## Root cause\nBinaries:\n- kube-apiserver\n## " +
		"Impact\nEverybody.\n## Resolution\nOnce.\n## PRs\n- #2\n"
)

func says(repo, by string, issue int, text string) act {
	return func(ctx context.Context, s *sandbox.Server) error {
		_, err := s.As(by).Comment(ctx, repo, issue, text)
		return err
	}
}

func merges(repo, by string, pull int) act {
	return func(ctx context.Context, s *sandbox.Server) error {
		return s.As(by).MergePull(ctx, repo, pull, "squash")
	}
}

func calls(by, repo, method, path string, body map[string]any) act {
	return func(ctx context.Context, s *sandbox.Server) error {
		return s.As(by).Do(ctx, method, "/repos/"+repo+path, body, nil)
	}
}

// finishes ends the newest run of a workflow.
func finishes(repo, workflow, conclusion string) act {
	return func(_ context.Context, s *sandbox.Server) error {
		return s.FinishNewest(repo, workflow, "", conclusion)
	}
}
