package step_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// finish ends the newest run, or one job of it.
func (w *world) finish(job, conclusion string) {
	w.t.Helper()
	runs := w.st.Sandbox.Runs(demo.Libs)
	if err := w.st.Sandbox.FinishJob(demo.Libs, runs[len(runs)-1].ID, job, conclusion); err != nil {
		w.t.Fatal(err)
	}
}

// try looks and acts once, as the engine does when a person asked for it again.
func (w *world) try(k step.Kind, in step.Input) step.Outcome {
	w.t.Helper()
	o, err := k.Observe(w.t.Context(), in)
	if err == nil && o.State == step.Absent {
		if err = k.Act(w.t.Context(), in); err == nil {
			o, err = k.Observe(w.t.Context(), in)
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func TestAWorkflowIsRunAgainOnlyWhenAPersonSaysSo(t *testing.T) {
	w := newWorld(t)
	aWorkflow(w)
	k := step.For(w.gh, params.RunWorkflow{Workflow: "build.yaml", SHA: w.head("master"), Ref: "master",
		Draft: "0.21.0", Fix: "mend"})
	in := w.input()
	w.try(k, in)
	w.finish("compile", "success")
	draft, err := w.gh.CreateDraft(t.Context(), demo.Libs,
		step.Published{Tag: "0.21.0", Name: "half", Target: "master"})
	if err != nil {
		t.Fatal(err)
	}
	w.finish("publish", "failure")
	o := w.try(k, in)
	if o.State != step.Conflict || !strings.Contains(o.Why, "failed in publish") ||
		!strings.Contains(o.Fix, "/release retry id") || !strings.Contains(o.Fix, "/release mend") {
		t.Errorf("a failure is answered %+v", o)
	}
	in.Again = true
	if o := w.try(k, in); o.State != step.Waiting || !strings.Contains(o.Why, "attempt 2") {
		t.Errorf("asked to try again: %+v", o)
	}
	if runs := w.st.Sandbox.Runs(demo.Libs); len(runs) != 1 || runs[0].Jobs[0].Attempt != 1 ||
		runs[0].Jobs[1].Attempt != 2 {
		t.Errorf("more than the failed job ran again: %+v", runs)
	}
	in.Again = false
	w.finish("publish", "success")
	if o := w.try(k, in); o.State != step.Waiting || !strings.Contains(o.Why, "the draft of 0.21.0 to be published") {
		t.Errorf("a success that leaves a draft is answered %+v", o)
	}
	if _, err := w.gh.Publish(t.Context(), demo.Libs, draft.ID, "false"); err != nil {
		t.Fatal(err)
	}
	if o := w.try(k, in); o.State != step.Done || o.Receipt.SHA != w.head("master") {
		t.Errorf("a success is answered %+v", o)
	}
}

func TestACancelledWorkflowBeginsAnewWithoutItsDraft(t *testing.T) {
	w := newWorld(t)
	aWorkflow(w)
	k := step.For(w.gh, params.RunWorkflow{Workflow: "build.yaml", SHA: w.head("master"), Ref: "master",
		Draft: "0.20.9"})
	in := w.input()
	w.try(k, in)
	if _, err := w.gh.CreateDraft(t.Context(), demo.Libs,
		step.Published{Tag: "0.20.9", Name: "half", Target: "master"}); err != nil {
		t.Fatal(err)
	}
	w.finish("", "cancelled")
	if o := w.try(k, in); o.State != step.Conflict || !strings.Contains(o.Fix, "delete the draft of 0.20.9") {
		t.Errorf("a cancelled run is answered %+v", o)
	}
	published := len(w.snap().Releases)
	in.Again = true
	if o := w.try(k, in); o.State != step.Waiting {
		t.Errorf("asked to try again: %+v", o)
	}
	if runs := w.st.Sandbox.Runs(demo.Libs); len(runs) != 2 || len(w.snap().Releases) != published-1 {
		t.Errorf("there are %d runs and %d releases", len(runs), len(w.snap().Releases))
	}
	// A release that is public is never deleted, whatever its run did.
	k = step.For(w.gh, params.RunWorkflow{Workflow: "build.yaml", SHA: w.head("master"), Ref: "master",
		Draft: "0.20.0"})
	w.finish("", "cancelled")
	w.try(k, in)
	if got := len(w.snap().Releases); got != published-1 {
		t.Errorf("there are %d releases, and there were %d", got, published-1)
	}
	if o := w.try(step.For(w.gh, params.DeleteDraft{Tag: "0.20.0"}), w.input()); o.State != step.Conflict {
		t.Errorf("deleting a published release is answered %+v", o)
	}
}

// Somebody took the lock off, or it ended: what is built now would not be what is tagged.
func TestAWorkflowIsNotStartedForABranchThatMovedOn(t *testing.T) {
	w := newWorld(t)
	aWorkflow(w)
	k := step.For(w.gh, params.RunWorkflow{Workflow: "build.yaml", SHA: w.head("release/0.20.x"), Ref: "master",
		Fix: "mend"})
	in := w.input()
	var stop *step.Stop
	if err := k.Act(t.Context(), in); !errors.As(err, &stop) || !strings.Contains(stop.Why, "master has moved on") ||
		!strings.Contains(stop.Fix, "/release mend") {
		t.Errorf("starting it is answered %v", err)
	}
	if runs := w.st.Sandbox.Runs(demo.Libs); len(runs) != 0 {
		t.Errorf("it was started: %+v", runs)
	}
}

// nobody answers.
type nobody struct{}

func (nobody) Image(context.Context, string) (string, bool, error) {
	return "", false, errors.New("look for it: dial tcp: no such `host`")
}

// What is asked besides GitHub may be down. The try is made again, and people see meanwhile what is waited for.
func TestARegistryThatIsDownIsWaitedForInSight(t *testing.T) {
	w := newWorld(t)
	in := w.input()
	in.Images = nobody{}
	_, err := step.For(w.gh, params.WaitImages{Images: []string{"quay.io/x/y:1"}}).Observe(t.Context(), in)
	var unseen *step.Unseen
	if !errors.As(err, &unseen) ||
		unseen.Waits.Why != "`quay.io/x/y:1` (its registry does not answer: no such 'host') in the registry" {
		t.Errorf("a registry that is down: %+v", err)
	}
}
