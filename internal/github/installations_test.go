package github

import (
	"context"
	"errors"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

func TestTheInstallationOfARepositoryIsFoundOrGone(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{"GET repos/a/b/installation": `{"id":5}`}))
	same(t, int64(5), must(app.FindInstallation(t.Context(), "a/b"))(t))
	if _, err := app.FindInstallation(t.Context(), "a/c"); !errors.Is(err, step.ErrGone) {
		t.Errorf("want gone, got %v", err)
	}
}

func TestAnInstallationIsThereSuspendedOrGone(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET app/installations/1": `{"id":1,"suspended_at":null}`,
		"GET app/installations/2": `{"id":2,"suspended_at":"2026-05-04T12:00:00Z"}`,
	}))
	for id, want := range map[int64][2]bool{1: {true, false}, 2: {true, true}, 3: {false, false}} {
		exists, suspended, err := app.InstallationOf(t.Context(), id)
		same(t, want, must([2]bool{exists, suspended}, err)(t))
	}
}

func TestARepositoryIsFoundByItsId(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{"GET repositories/9": `{"id":9,"full_name":"new/name"}`}))
	for id, want := range map[int64]string{9: "new/name", 8: ""} {
		name, found, err := app.RepositoryByID(t.Context(), 1, id)
		same(t, want, must(name, err)(t))
		same(t, want != "", found)
	}
}

func TestARepositoryIsFoundByItsName(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/old/name":  `{"id":9,"full_name":"new/name"}`,
		"GET repos/my/secret": `{"id":8,"full_name":"my/secret","private":true}`,
		"GET repos/our/plans": `{"id":7,"full_name":"our/plans","private":true,"visibility":"internal"}`,
	}))
	for asked, want := range map[string]Repository{
		"old/name": {ID: 9, Name: "new/name", Public: true}, "no/such": {},
		"my/secret": {ID: 8, Name: "my/secret"}, "our/plans": {ID: 7, Name: "our/plans"},
	} {
		got, found, err := app.RepositoryNamed(t.Context(), 1, asked)
		same(t, want, must(got, err)(t))
		same(t, want != Repository{}, found)
	}
}

func TestWhereANameLeadsIsRememberedForMinutes(t *testing.T) {
	answers := map[string]string{"GET repos/A/b": `{"id":9,"full_name":"a/b"}`}
	f, app := open(t, Pace{}, routes(answers))
	ask := func(ctx context.Context, want int64) {
		t.Helper()
		got, _, err := app.RepositoryNamed(ctx, 1, "A/b")
		same(t, want, must(got, err)(t).ID)
	}
	ask(t.Context(), 9)
	answers["GET repos/A/b"] = `{"id":10,"full_name":"a/b"}`
	ask(t.Context(), 9)
	ask(Afresh(t.Context()), 10) // right before a write
	answers["GET repos/A/b"] = `{"id":11,"full_name":"a/b"}`
	ask(t.Context(), 10)
	f.now = f.now.Add(seenFor)
	ask(t.Context(), 11)
}
