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
	on       int // the issue that is commented on; 0 is the tracking issue
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
		{"kubernetes-patch", wiring.Kube, wiring.KubernetesPatch, patchTurns(), wiring.CheckKubernetesPatch},
		{"aether", wiring.Charts, wiring.Aether, aetherTurns(), wiring.CheckAether},
		{"aether-component", wiring.Adapter, wiring.Aether, componentTurns(), wiring.CheckAetherComponent},
		{"kata", wiring.Kata, wiring.KataContainers, kataTurns(), wiring.CheckKata},
		{"coco-peerpods", wiring.PeerPods, wiring.ConfidentialContainers, peerpodTurns(), wiring.CheckPeerPods},
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

// patchTurns is that of a patch release of Kubernetes that an issue stands in the way of.
func patchTurns() []turn {
	at := func(number int, body string) func(context.Context, *sandbox.Server) error {
		return func(ctx context.Context, s *sandbox.Server) error {
			method, path := http.MethodPatch, fmt.Sprintf("/repos/%s/issues/%d", wiring.Kube, number)
			fields := map[string]any{"body": body}
			if number == 0 {
				method, path = http.MethodPost, "/repos/"+wiring.Kube+"/issues"
				fields["title"], fields["labels"] = "it serves twice", []string{"priority/critical-urgent"}
			}
			return s.As(wiring.Petra).Do(ctx, method, path, fields, nil)
		}
	}
	merge := func(number int) turn {
		return turn{by: wiring.Sam, says: fmt.Sprintf("merges #%d", number),
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Sam).MergePull(ctx, wiring.Kube, number, "squash")
			}}
	}
	const rest = "```\n## Root cause\nBinaries:\n- kube-apiserver\n## PRs\n- #2\n"
	return []turn{
		{by: wiring.Petra, on: 1, says: "/release report patches"},
		{by: wiring.Petra, says: "opens an issue of priority/critical-urgent, introduced in v1.30.0",
			happens: at(0, "```release\nintroduced-in=v1.30.0\n"+rest)},
		{by: wiring.Petra, on: 4, says: "/release start v1.31.1 due=2026-11-24 kind=urgent"},
		{by: wiring.Olga, on: 4, says: "/release prepare"},
		{by: wiring.Petra, on: 4, says: "/release prepare"},
		{by: wiring.Sam, on: 4, says: "/release approve"},
		{by: wiring.Petra, on: 4, says: "/release cut"},
		{by: wiring.Petra, on: 2, says: "/cherry-pick release-1.31 release-1.30"},
		merge(2),
		{by: wiring.Sam, says: "puts cherry-pick-approved on #7",
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Sam).Do(ctx, http.MethodPost, "/repos/"+wiring.Kube+"/issues/7/labels",
					map[string]any{"labels": []string{"cherry-pick-approved"}}, nil)
			}},
		merge(7),
		{by: wiring.Petra, says: "writes resolved-in=v1.31.1 into the issue",
			happens: at(6, "```release\nintroduced-in=v1.30.0\nresolved-in=v1.31.1\nresolved-in=v1.30.2\n"+rest)},
		{by: wiring.Sam, on: 4, says: "/release approve"},
		{by: wiring.Petra, on: 4, says: "/release cut"},
		{by: wiring.Petra, on: 4, says: "/release announce"},
		{by: wiring.Petra, on: 4, says: "/release done slack\n/release done mail"},
	}
}

// aetherTurns is that of an Aether whose chart still names the image of a branch.
func aetherTurns() []turn {
	merge := func(number int) turn {
		return turn{by: wiring.Otto, says: fmt.Sprintf("merges #%d", number),
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Otto).MergePull(ctx, wiring.Charts, number, "squash")
			}}
	}
	return []turn{
		{by: wiring.Nora, says: "/release start 2.1.0"},
		{by: wiring.Nora, says: "/release prepare"},
		{by: wiring.Otto, says: "names the image v0.3.13 in the chart",
			happens: func(ctx context.Context, s *sandbox.Server) error {
				_, err := s.As(wiring.Otto).Commit(ctx, wiring.Charts, "main", "main", "Name a released adapter",
					map[string]string{
						"charts/adapter/values.yaml": "image:\n  repository: omecproject/sdcore-adapter\n  tag: " +
							"v0.3.13\n",
					})
				return err
			}},
		{by: wiring.Nora, says: "/release prepare"},
		merge(3),
		{by: "CI", says: "tags 2.1.0", happens: func(ctx context.Context, s *sandbox.Server) error {
			snapshot, err := s.Snapshot(ctx, wiring.Charts)
			if err != nil {
				return err
			}
			return s.As(wiring.AetherCI).Do(ctx, http.MethodPost, "/repos/"+wiring.Charts+"/git/refs",
				map[string]any{"ref": "refs/tags/2.1.0", "sha": snapshot.Branches["main"]}, nil)
		}},
		{by: wiring.Nora, says: "/release cut"},
		merge(4),
		{by: wiring.Nora, says: "/release develop"},
		merge(5),
	}
}

// componentTurns is that of a component's fix for an Aether that is out.
func componentTurns() []turn {
	merge := func(number int) turn {
		return turn{by: wiring.Otto, says: fmt.Sprintf("merges #%d", number),
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Otto).MergePull(ctx, wiring.Adapter, number, "squash")
			}}
	}
	return []turn{
		{by: wiring.Nora, says: "/release start 0.3.14"},
		{by: wiring.Nora, says: "/release start 0.3.14 from=aether-2.0"},
		{by: wiring.Nora, says: "/release branch"},
		{by: wiring.Otto, says: "picks the fix into aether-2.0",
			happens: func(ctx context.Context, s *sandbox.Server) error {
				_, err := s.As(wiring.Otto).Commit(ctx, wiring.Adapter, "aether-2.0", "main", "Do not crash",
					map[string]string{"main.go": "package main\n"})
				return err
			}},
		{by: wiring.Nora, says: "/release prepare"},
		merge(2),
		{by: "CI", says: "tags v0.3.14", happens: func(ctx context.Context, s *sandbox.Server) error {
			snapshot, err := s.Snapshot(ctx, wiring.Adapter)
			if err != nil {
				return err
			}
			return s.As(wiring.AetherCI).Do(ctx, http.MethodPost, "/repos/"+wiring.Adapter+"/git/refs",
				map[string]any{"ref": "refs/tags/v0.3.14", "sha": snapshot.Branches["aether-2.0"]}, nil)
		}},
		{by: wiring.Nora, says: "/release cut"},
		merge(3),
	}
}

// finish ends the newest run of a workflow, or a job of it.
func finish(repo, workflow, conclusion, job string) turn {
	return turn{by: "GitHub Actions",
		says: strings.Join(strings.Fields(fmt.Sprintf("%s %s ends with %s", workflow, job, conclusion)),
			" "), happens: func(_ context.Context, s *sandbox.Server) error {
			return s.FinishNewest(repo, workflow, job, conclusion)
		}}
}

// kataTurns is that of a Kata Containers release that needs a fix after its bump, as 9 of 32 real ones did.
func kataTurns() []turn {
	ci := func(workflow, conclusion, job string) turn { return finish(wiring.Kata, workflow, conclusion, job) }
	merge := func(number int) turn {
		return turn{by: wiring.Fabi, says: fmt.Sprintf("merges #%d", number),
			happens: func(ctx context.Context, s *sandbox.Server) error {
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
		{by: wiring.Greg, says: "/release done slack\n/release done mail"},
	}
}

// peerpodTurns is that of a release of peer pods whose first pre-release fails in a test.
func peerpodTurns() []turn {
	ci := func(workflow string) turn { return finish(wiring.PeerPods, workflow, "success", "") }
	merge := func(number int, method string) turn {
		return turn{by: wiring.Pia, says: fmt.Sprintf("merges #%d", number),
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Pia).MergePull(ctx, wiring.PeerPods, number, method)
			}}
	}
	images := turn{by: "GitHub Actions",
		says: "publish_images_on_push.yaml pushes the images of main, and ends with success", happens: func(
			ctx context.Context, s *sandbox.Server) error {
			return wiring.BuildPeerPods(ctx, s)
		}}
	return []turn{
		{by: wiring.Wanda, says: "/release start v0.9.0"},
		{by: wiring.Wanda, says: "/release start v0.9.0 kata=3.7.0"},
		{by: wiring.Zoe, says: "/release sources"},
		{by: wiring.Wanda, says: "/release sources"},
		{by: wiring.Fabi, says: "publishes Kata Containers 3.7.0",
			happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(wiring.Fabi).Do(ctx, http.MethodPost, "/repos/"+wiring.Kata+"/releases",
					map[string]any{"tag_name": "3.7.0", "target_commitish": "main",
						"name": "Kata Containers 3.7.0"}, nil)
			}},
		{by: wiring.Wanda, says: "/release prepare"},
		merge(3, "squash"),
		{by: wiring.Wanda, says: "/release bump"},
		merge(4, "squash"),
		{by: wiring.Wanda, says: "/release alpha"},
		images,
		ci("release.yaml"),
		{by: wiring.Wanda, says: "/release freeze"},
		{by: wiring.Wanda, says: "/release bump"},
		merge(2, "squash"),
		merge(5, "squash"),
		{by: wiring.Wanda, says: "/release alpha"},
		images,
		ci("release.yaml"),
		{by: wiring.Wanda, says: "/release freeze"},
		{by: wiring.Wanda, says: "/release done aws\n/release done azure\n/release done docker\n/release done " +
			"ibmcloud\n/release done libvirt\n/release done vsphere"},
		{by: wiring.Wanda, says: "/release pin"},
		merge(6, "merge"),
		{by: wiring.Wanda, says: "/release cut"},
		ci("release.yaml"),
		{by: wiring.Wanda, says: "/release finish"},
		merge(7, "rebase"),
		{by: wiring.Wanda, says: "/release done slack"},
	}
}

func draft(ctx context.Context, s *sandbox.Server) error {
	_, err := drafted(ctx, s)
	return err
}

// drafted drafts 4.2.0, and gives the path of the draft.
func drafted(ctx context.Context, s *sandbox.Server) (string, error) {
	var made struct {
		ID int64 `json:"id"`
	}
	at := "/repos/" + wiring.Kata + "/releases"
	fields := map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "Kata Containers 4.2.0",
		"draft": true}
	err := s.As(wiring.KataCI).Do(ctx, http.MethodPost, at, fields, &made)
	return fmt.Sprintf("%s/%d", at, made.ID), err
}

func publish(ctx context.Context, s *sandbox.Server) error {
	at, err := drafted(ctx, s)
	if err != nil {
		return err
	}
	ci := s.As(wiring.KataCI)
	for _, name := range wiring.KataImages("4.2.0") {
		if err := s.PushImage(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range wiring.KataFiles("4.2.0") {
		if err := ci.Do(ctx, http.MethodPost, at+"/assets?name="+url.QueryEscape(name), map[string]any{"content": name},
			nil); err != nil {
			return err
		}
	}
	return ci.Do(ctx, http.MethodPatch, at, map[string]any{"draft": false}, nil)
}
