package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Turn is one line of a rehearsal: who says what, or what happens that nobody says.
type Turn struct {
	By, Says string
	On       int // the issue that is commented on; 0 is the tracking issue
	Happens  func(ctx context.Context, s *sandbox.Server) error
}

// Rehearsal is a whole release: the conversation, and a look at where it ended.
type Rehearsal struct {
	Process, Repo string
	// About says in a clause what goes on in it.
	About string
	Seed  func() sandbox.Seed
	Turns []Turn
	// Check names what is not as it should be in the end.
	Check func(ctx context.Context, st *Stage) ([]string, error)
}

// Play lets one turn happen, and everything that follows from it.
func (r Rehearsal) Play(ctx context.Context, st *Stage, t Turn) error {
	var err error
	if t.Happens != nil {
		err = t.Happens(ctx, st.Sandbox)
	} else {
		_, err = st.Sandbox.As(t.By).Comment(ctx, r.Repo, max(t.On, Tracking), t.Says)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", t.By, t.Says, err)
	}
	return st.Settle(ctx)
}

// Rehearsals are all that can be played.
func Rehearsals() []Rehearsal {
	return []Rehearsal{
		{"falco-libs", Libs, "a planned release, with a freeze, a candidate and two approvals",
			FalcoLibs, falcoTurns(), checkFalcoLibs},
		{"falco-drivers", Libs, "a driver whose number is first guessed and then derived",
			FalcoDrivers, driverTurns(), checkFalcoDrivers},
		{"kubernetes-patch", Kube, "a patch release that an issue stands in the way of",
			KubernetesPatch, patchTurns(), checkKubernetesPatch},
		{"aether", Charts, "a release whose chart still names the image of a branch",
			Aether, aetherTurns(), checkAether},
		{"aether-component", Adapter, "a fix for an Aether that is out",
			Aether, componentTurns(), checkAetherComponent},
		{"kata", Kata, "a release whose build fails once",
			KataContainers, kataTurns(), checkKata},
		{"coco-peerpods", PeerPods, "six Go modules, through a module proxy",
			ConfidentialContainers, peerpodTurns(), checkPeerPods},
	}
}

// falcoTurns is the conversation of a whole Falco libs release.
func falcoTurns() []Turn {
	return []Turn{
		{By: Manager, Says: "/release start 0.21.0"},
		{By: Maria, Says: "/release start 0.21.0"},
		{By: Manager, Says: "/release prepare"},
		{By: Outsider, Says: "/release freeze"},
		{By: Manager, Says: "/release freeze"},
		{By: Manager, Says: "/release branch"},
		{By: Manager, Says: "/release rc"},
		{By: Manager, Says: "/release thaw"},
		{By: Manager, Says: "/release plan"},
		{By: Maria, Says: "/release approve"},
		{By: Max, Says: "/release approve"},
		{By: Manager, Says: "/release cut"},
	}
}

// driverTurns is that of a driver whose number is first guessed and then derived.
func driverTurns() []Turn {
	return []Turn{
		{By: Maria, Says: "/release start 9.0.0+driver process=falco-drivers from=release/0.21.x"},
		{By: Manager, Says: "/release prepare"},
		{By: Maria, Says: `/release abort "the number is another one"`},
		{By: Maria, Says: "/release start 8.1.0+driver process=falco-drivers from=release/0.21.x"},
		{By: Outsider, Says: "/release prepare"},
		{By: Manager, Says: "/release prepare"},
		{By: Manager, Says: "/release rc"},
		{By: Maria, Says: "/release plan"},
		{By: Maria, Says: "/release approve"},
		{By: Max, Says: "/release approve"},
		{By: Manager, Says: "/release cut"},
	}
}

// patchTurns is that of a patch release of Kubernetes that an issue stands in the way of.
func patchTurns() []Turn {
	at := func(number int, body string) func(context.Context, *sandbox.Server) error {
		return func(ctx context.Context, s *sandbox.Server) error {
			method, path := http.MethodPatch, fmt.Sprintf("/repos/%s/issues/%d", Kube, number)
			fields := map[string]any{"body": body}
			if number == 0 {
				method, path = http.MethodPost, "/repos/"+Kube+"/issues"
				fields["title"], fields["labels"] = "it serves twice", []string{"priority/critical-urgent"}
			}
			return s.As(Petra).Do(ctx, method, path, fields, nil)
		}
	}
	merge := func(number int) Turn {
		return Turn{By: Sam, Says: fmt.Sprintf("merges #%d", number),
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Sam).MergePull(ctx, Kube, number, "squash")
			}}
	}
	const rest = "```\n## Root cause\nBinaries:\n- kube-apiserver\n## PRs\n- #2\n"
	return []Turn{
		{By: Petra, On: 1, Says: "/release report patches"},
		{By: Petra, Says: "opens an issue of priority/critical-urgent, introduced in v1.30.0",
			Happens: at(0, "```release\nintroduced-in=v1.30.0\n"+rest)},
		{By: Sam, On: 4, Says: "/release start v1.31.1 due=2026-11-24 kind=urgent"},
		{By: Olga, On: 4, Says: "/release prepare"},
		{By: Petra, On: 4, Says: "/release prepare"},
		{By: Petra, On: 4, Says: "/release cut"},
		{By: Petra, On: 2, Says: "/cherry-pick release-1.31 release-1.30"},
		merge(2),
		{By: Sam, Says: "puts cherry-pick-approved on #7",
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Sam).Do(ctx, http.MethodPost, "/repos/"+Kube+"/issues/7/labels",
					map[string]any{"labels": []string{"cherry-pick-approved"}}, nil)
			}},
		merge(7),
		{By: Petra, Says: "writes resolved-in=v1.31.1 into the issue",
			Happens: at(6, "```release\nintroduced-in=v1.30.0\nresolved-in=v1.31.1\nresolved-in=v1.30.2\n"+rest)},
		{By: Sam, On: 4, Says: "/release plan"},
		{By: Sam, On: 4, Says: "/release approve"},
		{By: Petra, On: 4, Says: "/release cut"},
		{By: Petra, On: 4, Says: "/release announce"},
		{By: Petra, On: 4, Says: "/release done slack\n/release done mail"},
	}
}

// aetherTurns is that of an Aether whose chart still names the image of a branch.
func aetherTurns() []Turn {
	merge := func(number int) Turn {
		return Turn{By: Otto, Says: fmt.Sprintf("merges #%d", number),
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Otto).MergePull(ctx, Charts, number, "squash")
			}}
	}
	return []Turn{
		{By: Otto, Says: "/release start 2.1.0"},
		{By: Nora, Says: "/release prepare"},
		{By: Otto, Says: "names the image v0.3.13 in the chart",
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				_, err := s.As(Otto).Commit(ctx, Charts, "main", "main", "Name a released adapter",
					map[string]string{
						"charts/adapter/values.yaml": "image:\n  repository: omecproject/sdcore-adapter\n  tag: " +
							"v0.3.13\n",
					})
				return err
			}},
		{By: Nora, Says: "/release prepare"},
		merge(3),
		{By: "CI", Says: "tags 2.1.0", Happens: func(ctx context.Context, s *sandbox.Server) error {
			snapshot, err := s.Snapshot(ctx, Charts)
			if err != nil {
				return err
			}
			return s.As(AetherCI).Do(ctx, http.MethodPost, "/repos/"+Charts+"/git/refs",
				map[string]any{"ref": "refs/tags/2.1.0", "sha": snapshot.Branches["main"]}, nil)
		}},
		{By: Nora, Says: "/release cut"},
		merge(4),
		{By: Nora, Says: "/release develop"},
		merge(5),
	}
}

// componentTurns is that of a component's fix for an Aether that is out.
func componentTurns() []Turn {
	merge := func(number int) Turn {
		return Turn{By: Otto, Says: fmt.Sprintf("merges #%d", number),
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Otto).MergePull(ctx, Adapter, number, "squash")
			}}
	}
	return []Turn{
		{By: Otto, Says: "/release start 0.3.14"},
		{By: Otto, Says: "/release start 0.3.14 from=aether-2.0"},
		{By: Nora, Says: "/release branch"},
		{By: Otto, Says: "picks the fix into aether-2.0",
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				_, err := s.As(Otto).Commit(ctx, Adapter, "aether-2.0", "main", "Do not crash",
					map[string]string{"main.go": "package main\n"})
				return err
			}},
		{By: Nora, Says: "/release prepare"},
		merge(2),
		{By: "CI", Says: "tags v0.3.14", Happens: func(ctx context.Context, s *sandbox.Server) error {
			snapshot, err := s.Snapshot(ctx, Adapter)
			if err != nil {
				return err
			}
			return s.As(AetherCI).Do(ctx, http.MethodPost, "/repos/"+Adapter+"/git/refs",
				map[string]any{"ref": "refs/tags/v0.3.14", "sha": snapshot.Branches["aether-2.0"]}, nil)
		}},
		{By: Nora, Says: "/release cut"},
		merge(3),
	}
}

// finish ends the newest run of a workflow, or a job of it.
func finish(repo, workflow, conclusion, job string) Turn {
	return Turn{By: "GitHub Actions",
		Says: strings.Join(strings.Fields(fmt.Sprintf("%s %s ends with %s", workflow, job, conclusion)),
			" "), Happens: func(_ context.Context, s *sandbox.Server) error {
			return s.FinishNewest(repo, workflow, job, conclusion)
		}}
}

// kataTurns is that of a Kata Containers release that needs a fix after its bump, as 9 of 32 real ones did.
func kataTurns() []Turn {
	ci := func(workflow, conclusion, job string) Turn { return finish(Kata, workflow, conclusion, job) }
	merge := func(number int) Turn {
		return Turn{By: Fabi, Says: fmt.Sprintf("merges #%d", number),
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Fabi).MergePull(ctx, Kata, number, "squash")
			}}
	}
	return []Turn{
		{By: Fabi, Says: "/release start 4.2.0"},
		{By: Zoe, Says: "/release prepare"},
		{By: Greg, Says: "/release prepare"},
		merge(3),
		{By: Greg, Says: "/release freeze"},
		ci("payload-after-push.yaml", "success", ""),
		{By: Greg, Says: "/release cut"},
		{By: "GitHub Actions", Says: "release.yaml drafts 4.2.0", Happens: draft},
		ci("release.yaml", "failure", "release"),
		{By: Greg, Says: "/release fix"},
		merge(2),
		{By: Greg, Says: "/release freeze"},
		ci("payload-after-push.yaml", "success", ""),
		{By: Greg, Says: "/release cut"},
		{By: "GitHub Actions", Says: "release.yaml drafts 4.2.0, uploads its files and publishes it", Happens: publish},
		ci("release.yaml", "success", ""),
		{By: Greg, Says: "/release announce"},
		{By: Greg, Says: "/release done slack\n/release done mail"},
	}
}

// peerpodTurns is that of a release of peer pods whose first pre-release fails in a test.
func peerpodTurns() []Turn {
	ci := func(workflow string) Turn { return finish(PeerPods, workflow, "success", "") }
	merge := func(number int, method string) Turn {
		return Turn{By: Pia, Says: fmt.Sprintf("merges #%d", number),
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Pia).MergePull(ctx, PeerPods, number, method)
			}}
	}
	images := Turn{By: "GitHub Actions",
		Says: "publish_images_on_push.yaml pushes the images of main, and ends with success", Happens: func(
			ctx context.Context, s *sandbox.Server) error {
			return BuildPeerPods(ctx, s)
		}}
	return []Turn{
		{By: Pia, Says: "/release start v0.9.0"},
		{By: Pia, Says: "/release start v0.9.0 kata=3.7.0"},
		{By: Zoe, Says: "/release sources"},
		{By: Wanda, Says: "/release sources"},
		{By: Fabi, Says: "publishes Kata Containers 3.7.0",
			Happens: func(ctx context.Context, s *sandbox.Server) error {
				return s.As(Fabi).Do(ctx, http.MethodPost, "/repos/"+Kata+"/releases",
					map[string]any{"tag_name": "3.7.0", "target_commitish": "main",
						"name": "Kata Containers 3.7.0"}, nil)
			}},
		{By: Wanda, Says: "/release prepare"},
		merge(3, "squash"),
		{By: Wanda, Says: "/release bump"},
		merge(4, "squash"),
		{By: Wanda, Says: "/release alpha"},
		images,
		ci("release.yaml"),
		{By: Wanda, Says: "/release freeze"},
		{By: Wanda, Says: "/release bump"},
		merge(2, "squash"),
		merge(5, "squash"),
		{By: Wanda, Says: "/release alpha"},
		images,
		ci("release.yaml"),
		{By: Wanda, Says: "/release freeze"},
		{By: Wanda, Says: "/release done aws\n/release done azure\n/release done docker\n/release done " +
			"ibmcloud\n/release done libvirt\n/release done vsphere"},
		{By: Wanda, Says: "/release pin"},
		merge(6, "merge"),
		{By: Wanda, Says: "/release cut"},
		ci("release.yaml"),
		{By: Wanda, Says: "/release finish"},
		merge(7, "rebase"),
		{By: Wanda, Says: "/release done slack"},
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
	at := "/repos/" + Kata + "/releases"
	fields := map[string]any{"tag_name": "4.2.0", "target_commitish": "main", "name": "Kata Containers 4.2.0",
		"draft": true}
	err := s.As(KataCI).Do(ctx, http.MethodPost, at, fields, &made)
	return fmt.Sprintf("%s/%d", at, made.ID), err
}

func publish(ctx context.Context, s *sandbox.Server) error {
	at, err := drafted(ctx, s)
	if err != nil {
		return err
	}
	ci := s.As(KataCI)
	for _, name := range KataImages("4.2.0") {
		if err := s.PushImage(ctx, name); err != nil {
			return err
		}
	}
	for _, name := range KataFiles("4.2.0") {
		if err := ci.Do(ctx, http.MethodPost, at+"/assets?name="+url.QueryEscape(name), map[string]any{"content": name},
			nil); err != nil {
			return err
		}
	}
	return ci.Do(ctx, http.MethodPatch, at, map[string]any{"draft": false}, nil)
}
