package release_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// appointed is a release that maria started and to whose issue rita is assigned.
func appointed(t *testing.T, change func(*release.Started)) release.Release {
	t.Helper()
	p, err := process.Builtin("falco-libs")
	if err != nil {
		t.Fatal(err)
	}
	started := release.Started{
		Source: release.Source{Comment: 1, Line: 1, By: "maria", ID: person("maria").ID}, Version: "0.21.0",
		Track: "minor", Process: p, Appoints: true,
		Assigned: []release.Assignment{{Person: person("rita"), By: person("maria"), Counts: true}},
	}
	if change != nil {
		change(&started)
	}
	return release.Fold("1#1", []release.Entry{{Seq: 1, At: noon, Event: started}})
}

// An assignment is enough to lead a release, and for nothing that ends it or changes who leads it.
func TestAnAssignmentIsNotEnoughForEverything(t *testing.T) {
	for line, want := range map[string]bool{
		"prepare": true, "retry": true, "resume": true, "skip milestone late": true,
		"start 0.22.0": false, "dud late": false, "team add @eve": false, "abort late": false, "hold late": false,
	} {
		c := release.Read(parse.Commands("/release " + line)[0], 2, "rita", "libs")
		c.ID = person("rita").ID
		find := func(_ release.Release, q release.Questions) (release.Facts, error) {
			f := release.Facts{Has: map[string]release.Membership{}, Ask: map[string]string{}, Assignee: true}
			for _, role := range q.Roles {
				if f.Has[role] = release.No; role == "release-manager" && !q.Lasting {
					f.Has[role] = release.ByAssignment
				}
			}
			return f, nil
		}
		events, err := release.Deliberate(appointed(t, nil), c, noon, find)
		if err != nil {
			t.Fatal(err)
		}
		refused := slices.ContainsFunc(events, func(e release.Event) bool {
			a, is := e.(release.Answered)
			return is && a.Refused && (strings.Contains(a.Text, "assigned") || strings.Contains(a.Text, "in progress"))
		})
		if refused == want {
			t.Errorf("%s: refused is %t, want %t: %v", line, refused, !want, events)
		}
	}
}

func TestOnlyAnAssignmentThatCountsAppoints(t *testing.T) {
	count := func(r release.Release) int { return len(r.Appointed()) }
	for name, test := range map[string]struct {
		r    release.Release
		want int
	}{
		"by somebody who may change the team": {appointed(t, nil), 1},
		"by somebody else": {appointed(t, func(s *release.Started) { s.Assigned[0].Counts = false }),
			0},
		"where the starter may not change it": {appointed(t, func(s *release.Started) { s.Appoints = false }), 0},
		"before a release":                    {release.Release{}, 0},
	} {
		if got := count(test.r); got != test.want {
			t.Errorf("%s: %d are appointed, want %d", name, got, test.want)
		}
	}
	by := func(login string) release.Source { return release.Source{By: login, ID: person(login).ID} }
	r := appointed(t, nil)
	for i, step := range []struct {
		event release.Assigned
		want  int
	}{
		{release.Assigned{Source: by("tessa"), User: "rita", UserID: person("rita").ID, Leaves: true}, 0},
		{release.Assigned{Source: by("tessa"), User: "rita", UserID: person("rita").ID}, 0},
		{release.Assigned{Source: by("maria"), User: "rita", UserID: person("rita").ID, Counts: true}, 1},
		{release.Assigned{Source: by("maria"), User: "max", UserID: person("max").ID, Counts: true}, 2},
		{release.Assigned{Source: by("max"), User: "rita", UserID: person("max").ID, Leaves: true}, 1}, // the id counts
	} {
		r = release.Apply(r, release.Entry{Seq: 2 + i, At: noon, Event: step.event})
		if got := count(r); got != step.want {
			t.Errorf("after event %d: %d are appointed, want %d", i, got, step.want)
		}
	}
}

// A log that holds logins only gives nobody a place: its people may have taken other logins.
func TestALogWithoutIDsGivesNobodyARole(t *testing.T) {
	var started release.Started
	data := `{"by":"maria","version":"0.21.0","track":"minor","process":{"name":"x","versions":{"kinds":[]},"team":["max"],
		"roles":{"boss":{"users":["maria"]}},"tracks":[],"phases":[]}}`
	event, err := release.Decode("started", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	started = event.(release.Started)
	r := release.Fold("1#1", []release.Entry{
		{Seq: 1, At: noon, Event: started},
		{Seq: 2, At: noon, Event: release.Teamed{Source: release.Source{By: "maria"}, User: "eve"}},
		{Seq: 3, At: noon, Event: release.Assigned{Source: release.Source{By: "maria"}, User: "rita", Counts: true}},
	})
	for _, login := range []string{"maria", "max", "eve", "rita", ""} {
		for _, who := range []release.Person{person(login), {Login: login}} {
			if _, assigned := r.Assignment(who); r.OnTeam(who) || assigned || len(r.Appointed()) > 0 {
				t.Errorf("%v has a place", who)
			}
		}
	}
}
