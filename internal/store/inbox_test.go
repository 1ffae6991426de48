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

func TestInbox(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"gives back what came in, to the byte and the nanosecond", roundTrip},
		{"makes one job of a delivery, however often it comes", oncePerDelivery},
		{"makes no job of what is only recorded", recorded},
		{"takes many at a time, each fresh once", manyAtATime},
		{"knows what is not handled yet, the oldest first", unhandled},
		{"knows the last delivery and which ones it has seen", seen},
		{"forgets what was handled long ago", prune},
		{"runs unhandled deliveries and open logs again at the start", startAgain},
		{"turns deliveries away when it is closed", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, p place) { c.test(t, open(t, p.address(t))) })
		})
	}
}

func delivery(guid string) store.Delivery {
	return store.Delivery{
		GUID: guid, Event: "issue_comment", Action: "created", InstallationID: 42, Repo: "falcosecurity/libs",
		Payload: []byte("{\"body\":\"/release cut\x00\xff\"}"), ReceivedAt: time.Date(2026, 3, 2, 8, 0, 0, 987654321, time.UTC),
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
	if diff := cmp.Diff(store.Delivery{GUID: "empty", Payload: []byte{}}, value(w.Delivery(t.Context(), "empty"))(t)); diff != "" {
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

func unhandled(t *testing.T, w *world) {
	for n, guid := range []string{"young", "old", "done"} {
		d := delivery(guid)
		d.ReceivedAt = d.ReceivedAt.Add(-time.Duration(n) * time.Hour)
		value(w.Deliver(t.Context(), d))(t)
	}
	must(t, w.Handled(t.Context(), "done"))
	must(t, w.Handled(t.Context(), "done"))
	if diff := cmp.Diff([]string{"old", "young"}, value(w.Unhandled(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	err := w.Handled(t.Context(), "never came")
	if want := "mark delivery never came as handled: not found in the store"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func seen(t *testing.T, w *world) {
	if last := value(w.LastDelivery(t.Context()))(t); !last.IsZero() {
		t.Errorf("an empty inbox had a delivery at %s", last)
	}
	for n, guid := range []string{"a", "b"} {
		d := delivery(guid)
		d.ReceivedAt = d.ReceivedAt.Add(-time.Duration(n) * time.Hour)
		value(w.Deliver(t.Context(), d))(t)
	}
	if diff := cmp.Diff(delivery("a").ReceivedAt, value(w.LastDelivery(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	got := value(w.Seen(t.Context(), []string{"a", "b", "c"}))(t)
	if diff := cmp.Diff(map[string]bool{"a": true, "b": true}, got); diff != "" {
		t.Error(diff)
	}
}

func prune(t *testing.T, w *world) {
	for _, guid := range []string{"handled before", "handled after", "not handled"} {
		value(w.Deliver(t.Context(), delivery(guid)))(t)
	}
	must(t, w.Handled(t.Context(), "handled before"))
	w.pass(time.Hour)
	must(t, w.Handled(t.Context(), "handled before")) // the first time counts
	must(t, w.Handled(t.Context(), "handled after"))
	if n := value(w.Prune(t.Context(), w.Now().Add(-time.Minute)))(t); n != 1 {
		t.Errorf("pruned %d", n)
	}
	got := value(w.Seen(t.Context(), []string{"handled before", "handled after", "not handled"}))(t)
	if diff := cmp.Diff(map[string]bool{"handled after": true, "not handled": true}, got); diff != "" {
		t.Error(diff)
	}
}

func startAgain(t *testing.T, w *world) {
	var d diary
	value(w.Deliver(t.Context(), delivery("guid-1")))(t)
	must(t, w.Append(t.Context(), "open log", 0, nil, store.Index{Open: true}))
	must(t, w.Append(t.Context(), "closed log", 0, nil, store.Index{}))
	for range 2 {
		ran := make(chan bool)
		stop := w.work(func(_ context.Context, j store.Job) error {
			d.note(j)
			ran <- true
			return nil
		})
		<-ran
		<-ran
		w.settle()
		stop()
	}
	got := map[string]int{}
	for _, line := range d.read() {
		got[line]++
	}
	if diff := cmp.Diff(map[string]int{"delivery guid-1 1": 2, "release open log 1": 2}, got); diff != "" {
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
