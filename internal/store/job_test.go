package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
)

func release(key string) store.Job { return store.Job{Kind: "release", Key: key} }

func TestJobs(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"run once each", runOnceEach},
		{"that wait are woken once, however often", manyWakesOneRun},
		{"that run are run once more when woken", wakeWhileRunning},
		{"that fail while woken run again at once", wakeWhileFailing},
		{"of the future wait for their time", waitForTheirTime},
		{"of the future are pulled forward by an earlier wake, not pushed back by a later one", earliestWakeWins},
		{"that fail are tried again after the backoff, and are a trouble meanwhile", failAndTryAgain},
		{"that panic have failed", panicIsFailure},
		{"that say later are not failures", saysLater},
		{"that give up leave the queue until they are retried, dropped or wanted again", giveUp},
		{"know since when they fail", since},
		{"that failed keep their number of attempts when the queue starts again", attemptsOutliveRun},
		{"of a full group hold no worker", fullGroup},
		{"of the future are known", nextDue},
		{"that fail lose their backoff when woken", wakeEndsBackoff},
		{"that run are finished when Run ends", drain},
		{"are counted while they are due", counted},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, p place) { c.test(t, open(t, p.address(t))) })
		})
	}
}

func runOnceEach(t *testing.T, w *world) {
	var d diary
	must(t, w.Enqueue(t.Context(), release("before"), time.Time{}))
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	w.settle()
	must(t, w.Enqueue(t.Context(), release("during"), time.Time{}))
	w.settle()
	must(t, w.Enqueue(t.Context(), store.Job{Kind: "tick", Key: "during"}, time.Time{}))
	w.settle()
	must(t, w.Enqueue(t.Context(), release("before"), time.Time{}))
	w.settle()
	want := []string{"release before 1", "release during 1", "tick during 1", "release before 1"}
	if diff := cmp.Diff(want, d.read()); diff != "" {
		t.Error(diff)
	}
}

func manyWakesOneRun(t *testing.T, w *world) {
	var d diary
	for range 20 {
		must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	}
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	w.settle()
	if diff := cmp.Diff([]string{"release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func wakeWhileRunning(t *testing.T, w *world) {
	var d diary
	running, goOn := make(chan bool, 9), make(chan bool)
	w.work(func(_ context.Context, j store.Job) error {
		d.note(j)
		running <- true
		<-goOn
		return nil
	})
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	<-running
	for range 5 {
		must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	}
	close(goOn)
	w.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func wakeWhileFailing(t *testing.T, w *world) {
	var d diary
	w.work(func(ctx context.Context, j store.Job) error {
		d.note(j)
		if j.Attempt == 1 {
			must(t, w.Enqueue(ctx, release("a"), time.Time{}))
			return errBroken
		}
		return nil
	})
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 2"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func waitForTheirTime(t *testing.T, w *world) {
	var d diary
	must(t, w.Enqueue(t.Context(), release("a"), w.Now().Add(72*time.Hour)))
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	w.pass(72*time.Hour - time.Second)
	w.settle()
	if got := d.read(); len(got) != 0 {
		t.Errorf("ran too soon: %q", got)
	}
	w.pass(time.Second)
	w.settle()
	if diff := cmp.Diff([]string{"release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func earliestWakeWins(t *testing.T, w *world) {
	var d diary
	for _, hours := range []time.Duration{5, 2, 9} {
		must(t, w.Enqueue(t.Context(), release("a"), w.Now().Add(hours*time.Hour)))
	}
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	w.pass(2 * time.Hour)
	w.settle()
	w.pass(20 * time.Hour)
	w.settle()
	if diff := cmp.Diff([]string{"release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func failAndTryAgain(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error {
		d.note(j)
		if j.Attempt < 3 {
			return fmt.Errorf("attempt %d: %w \x00\xff", j.Attempt, errBroken)
		}
		return nil
	})
	begin := w.Now()
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	w.pass(time.Minute)
	w.settle()
	want := []store.Trouble{{
		Job:   store.Job{Kind: "release", Key: "a", Attempt: 2, Since: begin},
		Error: "attempt 2: broken \uFFFD",
		At:    begin.Add(time.Minute),
		Next:  begin.Add(3 * time.Minute),
	}}
	if diff := cmp.Diff(want, value(w.Troubles(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	w.pass(2 * time.Minute)
	w.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 2", "release a 3"}, d.read()); diff != "" {
		t.Error(diff)
	}
	if left := value(w.Troubles(t.Context()))(t); len(left) != 0 {
		t.Errorf("still a trouble after it went well: %v", left)
	}
	must(t, w.Enqueue(t.Context(), store.Job{Kind: "release", Key: "a", Attempt: 7}, time.Time{}))
	w.settle()
	if diff := cmp.Diff("release a 1", d.read()[3]); diff != "" {
		t.Error(diff)
	}
}

func panicIsFailure(t *testing.T, w *world) {
	w.work(func(_ context.Context, j store.Job) error { panic("a bug in the work") })
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	troubles := value(w.Troubles(t.Context()))(t)
	if len(troubles) != 1 || len(troubles[0].Error) < 100 || troubles[0].Error[:24] != "panic: a bug in the work" {
		t.Errorf("want one trouble with the stack of the panic, got %v", troubles)
	}
}

func saysLater(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error {
		d.note(j)
		if len(d.read()) < 3 {
			return fmt.Errorf("soaking: %w", store.Later{At: w.Now().Add(time.Hour)})
		}
		return nil
	})
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	w.pass(time.Hour)
	w.settle()
	if left := value(w.Troubles(t.Context()))(t); len(left) != 0 {
		t.Errorf("later counted as a failure: %v", left)
	}
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{})) // a webhook comes before its time
	w.settle()
	w.pass(9 * time.Hour)
	w.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 1", "release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func giveUp(t *testing.T, w *world) {
	broken := true
	w.work(func(_ context.Context, j store.Job) error {
		if broken {
			return fmt.Errorf("ask for the team: %w", store.GiveUp{Err: errBroken})
		}
		return nil
	})
	for _, key := range []string{"retried", "dropped", "wanted"} {
		must(t, w.Enqueue(t.Context(), release(key), time.Time{}))
		w.settle()
		w.pass(time.Minute)
	}
	value(w.Deliver(t.Context(), delivery("guid-1")))(t)
	w.settle()
	at := w.Now()
	dead := func(kind, key string, minutes time.Duration) store.Trouble {
		failed := at.Add(minutes * time.Minute)
		return store.Trouble{Job: store.Job{Kind: kind, Key: key, Attempt: 1, Since: failed},
			Error: "ask for the team: broken", At: failed, Dead: true}
	}
	want := []store.Trouble{dead("release", "retried", -3), dead("release", "dropped", -2),
		dead("release", "wanted", -1),
		dead(store.KindDelivery, "guid-1", 0)}
	if diff := cmp.Diff(want, value(w.Troubles(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 1 {
		t.Errorf("a delivery that failed is handled: %q", left)
	}
	for _, do := range []func(context.Context, store.Job) error{w.Retry, w.Drop} {
		if err := do(t.Context(), release("unknown")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got error %v, want not found", err)
		}
	}
	broken = false
	must(t, w.Retry(t.Context(), release("retried")))
	must(t, w.Drop(t.Context(), release("dropped")))
	must(t, w.Enqueue(t.Context(), release("wanted"), time.Time{}))
	must(t, w.Drop(t.Context(), store.Job{Kind: store.KindDelivery, Key: "guid-1"}))
	w.settle()
	if left := value(w.Troubles(t.Context()))(t); len(left) != 0 {
		t.Errorf("still in trouble: %v", left)
	}
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 0 {
		t.Errorf("a delivery that was dropped is not handled: %q", left)
	}
}

func since(t *testing.T, w *world) {
	var mu sync.Mutex
	var seen []time.Time
	w.work(func(_ context.Context, j store.Job) error {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, j.Since)
		return errBroken
	})
	begin := w.Now()
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	for range 3 {
		w.settle()
		w.pass(10 * time.Minute)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]time.Time{{}, begin, begin}, seen); diff != "" {
		t.Error(diff)
	}
}

func attemptsOutliveRun(t *testing.T, w *world) {
	var d diary
	work := func(_ context.Context, j store.Job) error { d.note(j); return errBroken }
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	for range 2 {
		stop := w.work(work)
		w.settle()
		stop()
		w.pass(time.Hour)
	}
	if diff := cmp.Diff([]string{"release a 1", "release a 2"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

// The jobs with a key of the form GROUP/... belong to a group, of which two may run.
func fullGroup(t *testing.T, w *world) {
	running, goOn := make(chan string, 99), make(chan bool)
	w.work(func(_ context.Context, j store.Job) error {
		running <- j.Key
		if strings.HasPrefix(j.Key, "busy/") {
			<-goOn
		}
		return nil
	})
	for n := range 9 {
		must(t, w.Enqueue(t.Context(), release(fmt.Sprint("busy/", n)), time.Time{}))
	}
	busy := map[string]bool{<-running: true, <-running: true}
	must(t, w.Enqueue(t.Context(), release("other"), time.Time{}))
	if got := <-running; got != "other" || len(busy) != 2 {
		t.Errorf("with two of a group running, %s began", got)
	}
	close(goOn)
	w.settle()
	for range 7 {
		busy[<-running] = true
	}
	if len(busy) != 9 || len(running) > 0 {
		t.Errorf("want each of the group to run once, got %v", busy)
	}
}

func nextDue(t *testing.T, w *world) {
	if at, found, err := w.NextDue(t.Context()); found || err != nil {
		t.Errorf("an empty queue waits for %s (%v)", at, err)
	}
	for _, hours := range []time.Duration{0, 3, 2} {
		must(t, w.Enqueue(t.Context(), release(fmt.Sprint(hours)), w.Now().Add(hours*time.Hour)))
	}
	at, found, err := w.NextDue(t.Context())
	must(t, err)
	if want := w.Now().Add(2 * time.Hour); !found || !at.Equal(want) {
		t.Errorf("got %s, want %s", at, want)
	}
}

func wakeEndsBackoff(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return errBroken })
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 2"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func drain(t *testing.T, w *world) {
	running, goOn, ended := make(chan bool), make(chan bool), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		ended <- w.Run(ctx, func(ctx context.Context, j store.Job) error {
			close(running)
			<-goOn
			return ctx.Err() // the context of a running job goes on
		})
	}()
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	<-running
	cancel()
	select {
	case err := <-ended:
		t.Fatalf("Run returned (%v) while a job was running", err)
	default:
	}
	close(goOn)
	must(t, <-ended)
	if idle := value(w.Idle(t.Context()))(t); !idle {
		t.Error("not idle after the drain")
	}
	if left := value(w.Troubles(t.Context()))(t); len(left) != 0 {
		t.Errorf("the drain disturbed the job: %v", left)
	}
}

func counted(t *testing.T, w *world) {
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	w.pass(time.Minute)
	must(t, w.Enqueue(t.Context(), release("b"), time.Time{}))
	must(t, w.Enqueue(t.Context(), release("c"), w.Now().Add(time.Hour)))
	got := fmt.Sprint(value(w.Pending(t.Context()))(t), " ",
		value(w.OldestPending(t.Context()))(t).Round(10*time.Millisecond), " ", value(w.Idle(t.Context()))(t))
	if diff := cmp.Diff("2 1m0s false", got); diff != "" {
		t.Error(diff)
	}
	w.work(func(context.Context, store.Job) error { return nil })
	w.settle()
	got = fmt.Sprint(value(w.Pending(t.Context()))(t), " ", value(w.OldestPending(t.Context()))(t), " ",
		value(w.Idle(t.Context()))(t))
	if diff := cmp.Diff("0 0s true", got); diff != "" {
		t.Error(diff)
	}
}
