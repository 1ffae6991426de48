package faults

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/slipway-dev/slipway/internal/demo"
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
	{name: "the release", repo: demo.Libs, seed: demo.FalcoLibs, ends: "tag 0.21.0 ", sample: 45,
		outages: []outage{{1, 5}, {9, 14}}, acts: []act{
			says(demo.Libs, demo.Maria, demo.Tracking, "/release prepare"),
			says(demo.Libs, demo.Outsider, demo.Tracking, "/release freeze"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release freeze"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release branch"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release rc"),
			says(demo.Libs, demo.Maria, demo.Tracking, `/release exception #2 "it crashes"`),
			merges(demo.Libs, demo.Maria, 2),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release pick #2"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release rc"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release thaw"),
			says(demo.Libs, demo.Maria, demo.Tracking, "/release plan"),
			says(demo.Libs, demo.Maria, demo.Tracking, "/release approve"),
			says(demo.Libs, demo.Max, demo.Tracking, "/release approve"),
			says(demo.Libs, demo.Manager, demo.Tracking, "/release cut"),
		}},
	// A Kata Containers release with a fix window: workflows are started once, and drafts deleted once.
	{name: "the release with workflows", repo: demo.Kata, seed: demo.KataContainers, ends: "tag 4.2.0 ", sample: 16,
		most: 600, outages: []outage{{1, 2}, {18, 20}}, acts: []act{
			says(demo.Kata, demo.Fabi, demo.Tracking, "/release start 4.2.0"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release prepare"),
			merges(demo.Kata, demo.Fabi, 3),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release freeze"),
			finishes(demo.Kata, "payload-after-push.yaml", "success"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release cut"),
			calls(demo.KataCI, demo.Kata, "POST", "/releases",
				map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "4.2.0", "draft": true}),
			finishes(demo.Kata, "release.yaml", "failure"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release retry run"),
			finishes(demo.Kata, "release.yaml", "cancelled"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release fix"),
			merges(demo.Kata, demo.Fabi, 2),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release freeze"),
			finishes(demo.Kata, "payload-after-push.yaml", "success"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release cut"),
			calls(demo.KataCI, demo.Kata, "POST", "/releases",
				map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "4.2.0"}),
			finishes(demo.Kata, "release.yaml", "success"),
			says(demo.Kata, demo.Greg, demo.Tracking, `/release skip verify "no files here"`),
			says(demo.Kata, demo.Greg, demo.Tracking, `/release skip images "no images here"`),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release announce"),
			says(demo.Kata, demo.Greg, demo.Tracking, "/release done slack\n/release done mail"),
		}},
	// A release of peer pods: the tags of a set of modules are made once each, and the pre-release is published once.
	{name: "the release of modules", repo: demo.PeerPods, seed: demo.ConfidentialContainers,
		ends: "tag src/webhook/v0.9.0 ", sample: 16, most: 600, outages: []outage{{1, 3}}, acts: []act{
			says(demo.PeerPods, demo.Pia, demo.Tracking,
				"/release start v0.9.0 kata=3.6.0 guest-components=v0.9.0 trustee=v0.9.0"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release sources"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release prepare"),
			merges(demo.PeerPods, demo.Pia, 3),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release bump"),
			merges(demo.PeerPods, demo.Pia, 4),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release alpha"),
			demo.BuildPeerPods,
			finishes(demo.PeerPods, "release.yaml", "success"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release freeze"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking,
				"/release done libvirt\n/release done aws\n/release done azure\n/release done docker\n/release done "+
					"ibmcloud\n/release done vsphere"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release pin"),
			merges(demo.PeerPods, demo.Pia, 5),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release cut"),
			finishes(demo.PeerPods, "release.yaml", "success"),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release finish"),
			merges(demo.PeerPods, demo.Pia, 6),
			says(demo.PeerPods, demo.Wanda, demo.Tracking, "/release done slack"),
		}},
	// A patch-release issue from its first mistake to the version that has its fix, with a report, two picks and a
	// rollover.
	{name: "the patch-release issue", repo: demo.Kube, seed: demo.Kubernetes, ends: "tag v1.31.1 ", sample: 24,
		most: 600, outages: []outage{{3, 5}}, acts: []act{
			calls(demo.Olga, demo.Kube, "POST", "/issues",
				map[string]any{"title": "it serves twice", "body": problem + "resolved-in=v1.31\n" + rest}),
			says(demo.Kube, demo.Petra, demo.Patches, "/release report patches"),
			says(demo.Kube, demo.Olga, 4, "/priority critical-urgent"),
			says(demo.Kube, demo.Petra, 4, "/priority critical-urgent\n/sig node"),
			says(demo.Kube, demo.Petra, 2, "/cherry-pick release-1.31 release-1.30"),
			merges(demo.Kube, demo.Sam, 2),
			merges(demo.Kube, demo.Sam, 5),
			calls(demo.Olga, demo.Kube, "PATCH", "/issues/4",
				map[string]any{"body": problem + "resolved-in=v1.31.1\n" + rest}),
			says(demo.Kube, demo.Petra, 4, "/milestone v1.31.1"),
			says(demo.Kube, demo.Petra, demo.Patches, "/release report v1.31.1"),
			calls(demo.Petra, demo.Kube, "POST", "/releases",
				map[string]any{"tag_name": "v1.31.1", "target_commitish": "release-1.31", "name": "v1.31.1"}),
			calls(demo.Olga, demo.Kube, "PATCH", "/issues/4", map[string]any{"state": "closed"}),
			says(demo.Kube, demo.Petra, demo.Patches, "/milestone roll v1.31.1"),
		}},
	// Two pull requests that change the process, while a release is under way: each has one check run, with its
	// annotations once.
	{name: "the changed process", repo: demo.Libs, seed: demo.FalcoLibs, ends: "Slipway: release process failure at ",
		sample: 14, outages: []outage{{1, 3}}, acts: []act{
			says(demo.Libs, demo.Maria, demo.Tracking, "/release prepare"),
			proposes(demo.Libs, demo.Max, "better", "process: falco-libs\nteam: [max]\n"),
			proposes(demo.Libs, demo.Max, "worse", "process: falco-libs\nteem: [max]\nroles: {x: {}}\n"),
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

// proposes opens a pull request with another release.yaml.
func proposes(repo, by, branch, file string) act {
	return func(ctx context.Context, s *sandbox.Server) error {
		_, err := s.As(by).Commit(ctx, repo, branch, "master", branch, map[string]string{".github/release.yaml": file})
		if err != nil {
			return err
		}
		_, err = s.As(by).OpenPull(ctx, repo, branch, branch, "master")
		return err
	}
}

// finishes ends the newest run of a workflow.
func finishes(repo, workflow, conclusion string) act {
	return func(_ context.Context, s *sandbox.Server) error {
		return s.FinishNewest(repo, workflow, "", conclusion)
	}
}
