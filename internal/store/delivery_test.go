package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
)

func TestDeliveries(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"come back as they came in, to the byte and the nanosecond", roundTrip},
		{"make one job each, however often they come", oncePerDelivery},
		{"that are only recorded make no job and leave no payload", recorded},
		{"come many at a time, each fresh once", manyAtATime},
		{"are handled, without their payload, once their job ended well", handled},
		{"that are not handled are known, the oldest first", unhandled},
		{"that were seen are known, however many are asked for", seen},
		{"that were handled are forgotten after a time", prune},
		{"are turned away when the store is closed", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, p place) { c.test(t, open(t, p.address(t))) })
		})
	}
}

func delivery(guid string) store.Delivery {
	return store.Delivery{
		GUID: guid, Event: "issue_comment", Action: "created", Installation: 42, RepoID: 7, Repo: "falcosecurity/libs",
		Payload: []byte("{\"body\":\"/release cut\x00\xff\"}"), ReceivedAt: time.Date(2026, 3, 2, 8, 0, 0, 987654321,
			time.UTC),
	}
}

func roundTrip(t *testing.T, w *world) {
	_, err := w.Delivery(t.Context(), "guid-1")
	if want := "read delivery guid-1: not found in the store"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if fresh := value(w.Deliver(t.Context(), delivery("guid-1")))(t); !fresh {
		t.Error("a new delivery is not fresh")
	}
	if diff := cmp.Diff(delivery("guid-1"), value(w.Delivery(t.Context(), "guid-1"))(t)); diff != "" {
		t.Error(diff)
	}
	if fresh := value(w.Deliver(t.Context(), store.Delivery{GUID: "empty"}))(t); !fresh {
		t.Error("an empty delivery is not fresh")
	}
	if diff := cmp.Diff(store.Delivery{GUID: "empty", Payload: []byte{}},
		value(w.Delivery(t.Context(), "empty"))(t)); diff != "" {
		t.Error(diff)
	}
}

func oncePerDelivery(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	var fresh []bool
	for range 3 {
		fresh = append(fresh, value(w.Deliver(t.Context(), delivery("guid-1")))(t))
		w.settle()
	}
	if diff := cmp.Diff([]bool{true, false, false}, fresh); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"delivery guid-1 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func recorded(t *testing.T, w *world) {
	if fresh := value(w.Record(t.Context(), delivery("ours")))(t); !fresh {
		t.Error("a new delivery is not fresh")
	}
	if got := value(w.Delivery(t.Context(), "ours"))(t); got.Payload != nil {
		t.Errorf("kept the payload %q", got.Payload)
	}
	if fresh := value(w.Deliver(t.Context(), delivery("ours")))(t); fresh {
		t.Error("a recorded delivery came as fresh")
	}
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 0 {
		t.Errorf("unhandled: %q", left)
	}
	if n := value(w.Pending(t.Context()))(t); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

func manyAtATime(t *testing.T, w *world) {
	const writers, each = 16, 20
	fresh := make(chan bool, writers*each)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for n := range each { // every writer brings the same deliveries
				isFresh, err := w.Deliver(t.Context(), delivery(fmt.Sprint("guid-", n)))
				if err != nil {
					t.Error(err)
				}
				fresh <- isFresh
			}
		})
	}
	all.Wait()
	close(fresh)
	count := map[bool]int{}
	for isFresh := range fresh {
		count[isFresh]++
	}
	if diff := cmp.Diff(map[bool]int{true: each, false: (writers - 1) * each}, count); diff != "" {
		t.Error(diff)
	}
	if n := value(w.Pending(t.Context()))(t); n != each {
		t.Errorf("%d jobs for %d deliveries", n, each)
	}
}

func handled(t *testing.T, w *world) {
	outcome := errBroken
	w.work(func(ctx context.Context, j store.Job) error {
		if d := value(w.Delivery(ctx, j.Key))(t); len(d.Payload) == 0 {
			t.Error("no payload while the job runs")
		}
		return outcome
	})
	value(w.Deliver(t.Context(), delivery("guid-1")))(t)
	w.settle()
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 1 {
		t.Errorf("after a failure, unhandled: %q", left)
	}
	outcome = store.Later{At: w.Now().Add(2 * time.Minute)}
	w.pass(time.Minute)
	w.settle()
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 1 {
		t.Errorf("to be continued, unhandled: %q", left)
	}
	outcome = nil
	w.pass(time.Minute)
	w.settle()
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 0 {
		t.Errorf("after it went well, unhandled: %q", left)
	}
	want := delivery("guid-1")
	want.Payload = nil
	if diff := cmp.Diff(want, value(w.Delivery(t.Context(), "guid-1"))(t)); diff != "" {
		t.Error(diff)
	}
}

func unhandled(t *testing.T, w *world) {
	for n, guid := range []string{"young", "old"} {
		d := delivery(guid)
		d.ReceivedAt = d.ReceivedAt.Add(-time.Duration(n) * time.Hour)
		value(w.Deliver(t.Context(), d))(t)
	}
	value(w.Record(t.Context(), delivery("done")))(t)
	if diff := cmp.Diff([]string{"old", "young"}, value(w.Unhandled(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
}

func seen(t *testing.T, w *world) {
	want := map[string]bool{}
	var ask []string
	for n := range 600 {
		guid := fmt.Sprint("guid-", n)
		ask = append(ask, guid)
		if n%7 == 0 {
			value(w.Record(t.Context(), delivery(guid)))(t)
			want[guid] = true
		}
	}
	if diff := cmp.Diff(want, value(w.Seen(t.Context(), ask))(t)); diff != "" {
		t.Error(diff)
	}
	if got := value(w.Seen(t.Context(), nil))(t); len(got) != 0 {
		t.Errorf("asked for none, got %v", got)
	}
}

func prune(t *testing.T, w *world) {
	value(w.Deliver(t.Context(), delivery("not handled")))(t)
	for n := range 1001 {
		value(w.Record(t.Context(), delivery(fmt.Sprint("old-", n))))(t)
	}
	young := delivery("young")
	young.ReceivedAt = young.ReceivedAt.Add(time.Hour)
	value(w.Record(t.Context(), young))(t)
	if n := value(w.Prune(t.Context(), young.ReceivedAt))(t); n != 1001 {
		t.Errorf("pruned %d", n)
	}
	got := value(w.Seen(t.Context(), []string{"old-1", "old-1000", "young", "not handled"}))(t)
	if diff := cmp.Diff(map[string]bool{"young": true, "not handled": true}, got); diff != "" {
		t.Error(diff)
	}
}

func closed(t *testing.T, w *world) {
	must(t, w.Ping(t.Context()))
	must(t, w.Close())
	_, err := w.Deliver(t.Context(), delivery("guid-1"))
	if want := "store delivery guid-1: the store is closed"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	err = w.Run(t.Context(), nil)
	if want := "run the queue: the store is closed"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if err := w.Ping(t.Context()); err == nil {
		t.Error("a closed store answers a ping")
	}
}
