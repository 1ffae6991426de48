package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
)

func TestRecords(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"of mail come in the order of the comments, once each, and wake their issue", mail},
		{"of mail that is done go after a time, but for the last", pruneMail},
		{"of missing deliveries stay until the delivery arrives", missing},
		{"of snapshots are replaced by who has read the newest", snapshots},
		{"of snapshots are found by what they are of", snapshotFilter},
		{"of repositories are found by id, name and installation", repositories},
		{"of values are replaced", values},
		{"say when the database was made", born},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, p place) { c.test(t, open(t, p.address(t))) })
		})
	}
}

func mail(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	letter := func(comment int64) store.Mail {
		return store.Mail{Repo: 7, Issue: 12, Comment: comment,
			At: w.Now().Add(-time.Hour), Heard: w.Now(), Data: []byte{0, 0xff}}
	}
	elsewhere := letter(6)
	elsewhere.Issue = 13
	var fresh []bool
	for _, m := range []store.Mail{letter(9), letter(8), letter(9), elsewhere} {
		fresh = append(fresh, value(w.PutMail(t.Context(), m))(t))
		w.settle()
	}
	if diff := cmp.Diff([]bool{true, true, false, true}, fresh); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"issue 7#12 1", "issue 7#12 1", "issue 7#13 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]store.Mail{letter(8), letter(9)}, value(w.Mailbox(t.Context(), 7, 12))(t)); diff != "" {
		t.Error(diff)
	}
	if last := value(w.LastMail(t.Context(), 7, 12))(t); last != 0 {
		t.Errorf("comment %d is done", last)
	}
	for range 2 {
		must(t, w.DoneMail(t.Context(), 7, 12, 9))
	}
	if diff := cmp.Diff([]store.Mail{letter(8)}, value(w.Mailbox(t.Context(), 7, 12))(t)); diff != "" {
		t.Error(diff)
	}
	if last := value(w.LastMail(t.Context(), 7, 12))(t); last != 9 {
		t.Errorf("the last comment that is done is %d", last)
	}
	if value(w.PutMail(t.Context(), letter(9)))(t) {
		t.Error("a comment that is done is fresh")
	}
	if err := w.DoneMail(t.Context(), 7, 12, 6); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got error %v, want not found", err)
	}
}

func pruneMail(t *testing.T, w *world) {
	for comment := range int64(4) {
		value(w.PutMail(t.Context(), store.Mail{Repo: 7, Issue: 12, Comment: comment + 1, Heard: w.Now()}))(t)
	}
	for _, comment := range []int64{1, 3} {
		must(t, w.DoneMail(t.Context(), 7, 12, comment))
	}
	for range 2 {
		value(w.Prune(t.Context(), w.Now().Add(time.Second)))(t)
	}
	if last := value(w.LastMail(t.Context(), 7, 12))(t); last != 3 {
		t.Errorf("the last comment that is done is %d", last)
	}
	if left := value(w.Mailbox(t.Context(), 7, 12))(t); len(left) != 2 {
		t.Errorf("in the mailbox: %v", left)
	}
	if !value(w.PutMail(t.Context(), store.Mail{Repo: 7, Issue: 12, Comment: 1}))(t) {
		t.Error("a comment that was done long ago is still there")
	}
}

func missing(t *testing.T, w *world) {
	one := store.Missing{GUID: "one", ID: 11, RepoID: 7, Event: "issues", Action: "opened", At: w.Now(), Since: w.Now()}
	two := store.Missing{GUID: "two", ID: 12, RepoID: 8, Event: "push",
		At: w.Now().Add(-time.Hour), Since: w.Now(), Gone: true}
	must(t, w.PutMissing(t.Context(), one))
	must(t, w.PutMissing(t.Context(), two))
	asked := one
	asked.Asked, asked.Since = true, w.Now().Add(time.Minute)
	must(t, w.PutMissing(t.Context(), asked))
	asked.Since = one.Since
	if diff := cmp.Diff([]store.Missing{two, asked}, value(w.Missing(t.Context()))(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]store.Missing{asked}, value(w.MissingOf(t.Context(), 7))(t)); diff != "" {
		t.Error(diff)
	}
	for _, guid := range []string{"two", "two"} {
		must(t, w.DropMissing(t.Context(), guid))
	}
	value(w.Deliver(t.Context(), delivery("one")))(t)
	must(t, w.PutMissing(t.Context(), one)) // it has arrived meanwhile
	if left := value(w.Missing(t.Context()))(t); len(left) != 0 {
		t.Errorf("still missing: %v", left)
	}
	must(t, w.PutMissing(t.Context(), two))
	value(w.Record(t.Context(), delivery("two")))(t)
	if left := value(w.Missing(t.Context()))(t); len(left) != 0 {
		t.Errorf("still missing: %v", left)
	}
}

func snapshots(t *testing.T, w *world) {
	if _, found, err := w.Snapshot(t.Context(), "a"); found || err != nil {
		t.Errorf("found what nobody stored (%v)", err)
	}
	s := store.Snapshot{Key: "a", Repo: 7, Issue: 12, Open: true, At: w.Now(), Data: []byte{0, 0xff}}
	must(t, w.PutSnapshot(t.Context(), s))
	if err := w.PutSnapshot(t.Context(), s); !errors.Is(err, store.ErrConflict) {
		t.Errorf("stored a new one twice: %v", err)
	}
	s.Version = 1
	got, _, err := w.Snapshot(t.Context(), "a")
	must(t, err)
	if diff := cmp.Diff(s, got); diff != "" {
		t.Error(diff)
	}
	again := s
	again.At = w.Now().Add(time.Hour)
	must(t, w.PutSnapshot(t.Context(), again)) // nothing to write
	s.Open, s.Data = false, nil
	must(t, w.PutSnapshot(t.Context(), s))
	if err := w.PutSnapshot(t.Context(), again); !errors.Is(err, store.ErrConflict) {
		t.Errorf("replaced one that had changed: %v", err)
	}
	s.Version, s.Data = 2, []byte{}
	got, _, err = w.Snapshot(t.Context(), "a")
	must(t, err)
	if diff := cmp.Diff(s, got); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		must(t, w.DropSnapshot(t.Context(), "a"))
	}
	if err := w.PutSnapshot(t.Context(), s); !errors.Is(err, store.ErrConflict) {
		t.Errorf("replaced one that was gone: %v", err)
	}
}

func snapshotFilter(t *testing.T, w *world) {
	for n, key := range []string{"issue:7#1", "issue:7#2", "Issue:7#2", "board:8", "issue%"} {
		must(t,
			w.PutSnapshot(t.Context(), store.Snapshot{Key: key, Repo: int64(7 + n/3), Issue: n % 3, Open: n%2 == 0}))
	}
	for _, c := range []struct {
		name   string
		filter store.SnapshotFilter
		want   []string
	}{
		{"all", store.SnapshotFilter{}, []string{"Issue:7#2", "board:8", "issue%", "issue:7#1", "issue:7#2"}},
		{"prefix", store.SnapshotFilter{Prefix: "issue:"}, []string{"issue:7#1", "issue:7#2"}},
		{"prefix with a sign of its own meaning", store.SnapshotFilter{Prefix: "issue%"}, []string{"issue%"}},
		{"repository and issue", store.SnapshotFilter{Repo: 7, Issue: 1}, []string{"issue:7#2"}},
		{"open", store.SnapshotFilter{Open: new(true), Repo: 7}, []string{"Issue:7#2", "issue:7#1"}},
	} {
		var got []string
		for _, s := range value(w.Snapshots(t.Context(), c.filter))(t) {
			got = append(got, s.Key)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func repositories(t *testing.T, w *world) {
	libs := store.Repository{ID: 7, Name: "falcosecurity/libs", Installation: 42, Public: true, At: w.Now()}
	falco := store.Repository{ID: 8, Name: "falcosecurity/falco", Installation: 42, At: w.Now()}
	other := store.Repository{ID: 9, Name: "kata/Kata", Installation: 43, Away: "suspended", At: w.Now()}
	for _, r := range []store.Repository{falco, libs, other} {
		must(t, w.PutRepository(t.Context(), r))
	}
	later := libs
	later.At = w.Now().Add(time.Hour)
	must(t, w.PutRepository(t.Context(), later)) // nothing to write
	if diff := cmp.Diff([]store.Repository{libs, falco, other}, value(w.Repositories(t.Context(), 0))(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]store.Repository{other}, value(w.Repositories(t.Context(), 43))(t)); diff != "" {
		t.Error(diff)
	}
	later.ID = 70 // deleted and made again under the same name
	must(t, w.PutRepository(t.Context(), later))
	got, found, err := w.RepositoryNamed(t.Context(), "FalcoSecurity/Libs")
	if diff := cmp.Diff(later, got); diff != "" || !found || err != nil {
		t.Errorf("%t %v %s", found, err, diff)
	}
	other.Away = ""
	must(t, w.PutRepository(t.Context(), other))
	got, found, err = w.Repository(t.Context(), 9)
	if diff := cmp.Diff(other, got); diff != "" || !found || err != nil {
		t.Errorf("%t %v %s", found, err, diff)
	}
	if _, found, err := w.RepositoryNamed(t.Context(), "no/body"); found || err != nil {
		t.Errorf("found what nobody stored (%v)", err)
	}
}

func values(t *testing.T, w *world) {
	var got []string
	for _, set := range []string{"", "1", "2"} {
		if set != "" {
			must(t, w.SetValue(t.Context(), "cursor", set))
		}
		v, found, err := w.Value(t.Context(), "cursor")
		must(t, err)
		got = append(got, fmt.Sprint(v, found))
	}
	if diff := cmp.Diff([]string{"false", "1true", "2true"}, got); diff != "" {
		t.Error(diff)
	}
}

func born(t *testing.T, w *world) {
	w.pass(time.Hour)
	if got := value(w.Born(t.Context()))(t); !got.Equal(w.Now().Add(-time.Hour)) {
		t.Errorf("made at %s", got)
	}
}
