package release_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// roundTrip is what the store does: encode, keep, decode. Encoding again must give the same bytes.
func roundTrip(t *rapid.T, e release.Event) release.Event {
	t.Helper()
	kind, data, err := release.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := release.Decode(kind, data)
	if err != nil {
		t.Fatal(err)
	}
	_, again, err := release.Encode(back)
	if err != nil {
		t.Fatal(err)
	}
	if release.KindOf(back) != kind || !bytes.Equal(data, again) {
		t.Fatalf("%s %s comes back as %s %s", kind, data, release.KindOf(back), again)
	}
	return back
}

// fill draws an event with every field filled, so that a field which JSON leaves out shows.
func fill[E release.Event](t *rapid.T) release.Event {
	return rapid.MakeCustom[E](rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{
		reflect.TypeFor[time.Time](): rapid.Custom(func(t *rapid.T) any {
			return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).UTC()
		}),
		reflect.TypeFor[params.Set](): rapid.Custom(func(t *rapid.T) any {
			made := reflect.New(reflect.TypeOf(rapid.SampledFrom(params.All()).Draw(t, "kind"))).Elem()
			anything(t, made)
			p, _ := made.Interface().(params.Any)
			return params.Set{Any: p}
		}),
	}}).Draw(t, "event")
}

// anything fills a value.
func anything(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			anything(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		anything(t, v.Index(0))
		anything(t, v.Index(1))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "text"))
	case reflect.Int:
		v.SetInt(int64(rapid.Int().Draw(t, "number")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "is"))
	}
}

// An event of each kind with anything in its fields: what a log holds is never what it held.
func TestEveryKindOfEventKeepsAllItsFields(t *testing.T) {
	for kind, draw := range map[string]func(*rapid.T) release.Event{
		"commanded": fill[release.Commanded], "answered": fill[release.Answered], "started": fill[release.Started],
		"entered": fill[release.Entered],
		"asked":   fill[release.Asked], "did": fill[release.Did], "waits": fill[release.Waits],
		"stopped": fill[release.Stopped], "retried": fill[release.Retried],
		"held": fill[release.Held], "resumed": fill[release.Resumed], "aborted": fill[release.Aborted],
		"approved": fill[release.Approved],
		"decided":  fill[release.Decided], "delayed": fill[release.Delayed], "tried": fill[release.Tried],
		"noticed": fill[release.Noticed],
		"teamed":  fill[release.Teamed], "assigned": fill[release.Assigned],
		"excepted": fill[release.Excepted], "shown": fill[release.Shown],
	} {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				e := draw(t)
				if release.KindOf(e) != kind {
					t.Fatalf("it is stored as %s", release.KindOf(e))
				}
				if diff := cmp.Diff(e, roundTrip(t, e), cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("it comes back changed:\n%s", diff)
				}
			})
		})
	}
}

// A log that another Slipway wrote must not be carried on by this one.
func TestAnEventOfAnotherFormIsNotRead(t *testing.T) {
	phase := func(holds string) string { return `{"process":{"phases":[{"name":"cut",` + holds + `}]}}` }
	const old = `{"id":"tag","kind":"create-tag","with":{"tag":"1.0.0"}}`
	for _, c := range []struct{ kind, data, want string }{
		{"started", phase(`"steps":[` + old + `]`), "phase cut: step tag has no `does`"},
		{"asked", `{"name":"pick","steps":[` + old + `]}`, "step tag has no `does`"},
		{"asked", `{"steps":[{"id":"tag","does":null}]}`, "step tag has no `does`"},
		{"asked", `{"steps":[{"id":"tag","does":{}}]}`, "step tag has no `does`"},
		{"started", phase(`"needs":[{"kind":"tag-free","with":{"tag":"1.0.0"}}]`), "phase cut: gate 1 has no `asks`"},
		{"started", phase(`"needs":[{"id":"free","asks":{"tag-gone":{}}}]`), `knows no kind "tag-gone"`},
		{"asked", `{"steps":[{"id":"tag","does":{"sign-tag":{"tag":"1.0.0"}}}]}`, `knows no kind "sign-tag"`},
		{"asked", `{"steps":[{"id":"tag","does":{"create-tag":{"signed":true}}}]}`, `unknown field "signed"`},
		{"asked", `{"steps":[{"id":"a","does":{"create-tag":{},"manual":{}}}]}`, "2 kinds where one belongs"},
		{"asked", `{"steps":[{"id":"a","does":{"manual":{}},"undo":{"kind":"x","with":{}}}]}`, "2 kinds where one belongs"},
		{"celebrated", `{}`, `knows no event "celebrated"`},
		{"", `{}`, "knows no event"},
		{"did", `{"run":"one"}`, "did event"},
		{"started", `{`, "started event"},
	} {
		e, err := release.Decode(c.kind, []byte(c.data))
		if _, is := errors.AsType[*release.UnknownForm](err); !is || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s is read as %v, %v", c.kind, c.data, e, err)
		}
	}
}
