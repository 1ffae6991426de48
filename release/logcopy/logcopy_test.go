package logcopy

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const oldSecret, newSecret = "the key of last year, which is long enough", "the key of this year, which is long enough"

var subject = Subject{Log: "kata-containers/kata-containers#7", Repo: 4711, Issue: 7}

func entriesOf(kinds ...string) []Entry {
	var all []Entry
	for i, kind := range kinds {
		at := time.Date(2026, 11, 20, 9, 0, i, 0, time.UTC)
		all = append(all, Entry{Seq: i + 1, At: at, Kind: kind, Data: []byte(`{"kind":"` + kind + `"}`)})
	}
	return all
}

func anyLog() *rapid.Generator[[]Entry] {
	return rapid.Custom(func(t *rapid.T) []Entry {
		var all []Entry
		for i := range rapid.IntRange(1, 20).Draw(t, "entries") {
			all = append(all, Entry{
				Seq: i + 1, At: time.Unix(0, rapid.Int64Range(0, 1<<61).Draw(t, "at")).UTC(),
				Kind: rapid.String().Draw(t, "kind"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			})
		}
		return all
	})
}

func encoded(t rapid.TB, k Keys, s Subject, entries []Entry, least, size int) []string {
	t.Helper()
	texts, err := k.encode(s, entries, least, size)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestEachBeginningOfALogSurvivesItsCopyInAnyOrderOfTheParts(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	rapid.Check(t, func(t *rapid.T) {
		all := anyLog().Draw(t, "log")
		all = all[:rapid.IntRange(1, len(all)).Draw(t, "beginning")]
		s := Subject{Log: rapid.StringN(1, 40, -1).Draw(t, "id"), Repo: rapid.Int64Range(1, 1<<50).Draw(t, "repo"),
			Issue: 7}
		texts := encoded(t, keys, s, all, rapid.IntRange(0, 4).Draw(t, "least"),
			rapid.IntRange(20, 400).Draw(t, "size"))
		comments := append([]string{"/release cut", "a reply\n\n" + keys.Mark(s, 1)}, texts...)
		for i, text := range comments[2:] {
			comments[i+2] = "A copy.\n\n" + text + "\n\n<!-- slipway:key=x -->"
		}
		comments = rapid.Permutation(comments).Draw(t, "order")
		got, err := keys.Decode(s.Repo, s.Issue, comments)
		if err != nil || got.Subject != s {
			t.Fatalf("the copy of %+v is read as %+v, %v", s, got.Subject, err)
		}
		if diff := cmp.Diff(all, got.Entries,
			cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
			t.Fatalf("the log (-written +read):\n%s", diff)
		}
	})
}

func TestNothingInACopyEndsTheHTMLCommentThatItStandsIn(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	rapid.Check(t, func(t *rapid.T) {
		s := Subject{Log: rapid.StringN(1, 40, -1).Draw(t, "id"), Repo: 1, Issue: 1}
		for _, text := range encoded(t, keys, s, anyLog().Draw(t, "log"), 0, 200) {
			inside := strings.TrimSuffix(strings.TrimPrefix(text, "<!--"), "-->")
			inside = strings.Replace(inside, "entries=1-", "", 1)
			if strings.ContainsAny(inside, "<>-\n") {
				t.Fatalf("the part holds more than one comment may: %s", text)
			}
		}
	})
}

func TestEveryFlippedByteIsRefused(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	texts := encoded(t, keys, subject, entriesOf("started", "entered", "did"), 2, longest)
	for i := range texts[1] {
		for _, mask := range []byte{1, 2, 4, 0x20, 0x80} {
			changed := []byte(texts[1])
			changed[i] ^= mask
			if _, err := keys.Decode(subject.Repo, subject.Issue, []string{texts[0], string(changed)}); err == nil {
				t.Fatalf("a copy is taken though byte %d was changed: %s", i, changed)
			}
		}
	}
}

func TestEachKindOfWrongCopyIsRefusedInWordsOfItsOwn(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	all := entriesOf("started", "entered", "did")
	older := encoded(t, keys, subject, all[:2], 2, longest)
	newer := encoded(t, keys, subject, all, 2, longest)
	elsewhere := Subject{Log: subject.Log, Repo: subject.Repo, Issue: 8}
	moved := Subject{Log: subject.Log, Repo: 4712, Issue: subject.Issue}
	another := Subject{Log: "4711#7", Repo: subject.Repo, Issue: subject.Issue}
	signature := strings.Index(newer[0], " sig=") + len(" sig=")
	forged := strings.Replace(encoded(t, keys, subject, all[:1], 0, longest)[0], "entries=1-1", "entries=1-9", 1)
	foreign := encoded(t, keys, another, all[:1], 0, longest)
	resigned := newer[0][:signature] + strings.Repeat("0", 64) + newer[0][signature+64:]
	for _, tc := range []struct {
		name     string
		comments []string
		want     error
	}{
		{"no copy at all", []string{"Hello", "> " + newer[0]}, ErrNone},
		{"a copy that was cut", []string{newer[0], newer[1][:len(newer[1])-9]}, ErrDamaged},
		{"a header with one word less", []string{newer[0], strings.Replace(newer[1], " issue=7", "", 1)}, ErrDamaged},
		{"a format of the future", []string{strings.Replace(newer[0], "v=1 ", "v=2 ", 1), newer[1]}, ErrVersion},
		{"a key that is not configured", encoded(t, NewKeys([]string{oldSecret}), subject, all, 0, longest), ErrKey},
		{"a signature of one's own making", []string{resigned, newer[1]}, ErrForged},
		{"the copy of another issue", encoded(t, keys, elsewhere, all, 0, longest), ErrForeign},
		{"the copy of an issue with this number elsewhere", encoded(t, keys, moved, all, 0, longest), ErrForeign},
		{"parts of two logs", []string{newer[0], encoded(t, keys, another, all, 2, longest)[1]}, ErrMixed},
		{"parts of two ages", []string{newer[0], older[1]}, ErrIncomplete},
		{"a newer copy that is not whole beside an older one", slices.Concat(newer[1:], older), ErrIncomplete},
		{"a forged copy beside the newest one", slices.Concat(newer, []string{forged}), ErrForged},
		{"a copy of another log beside the newest one", append(foreign, newer...), ErrMixed},
		{"one part alone", newer[1:], ErrIncomplete},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := keys.Decode(subject.Repo, subject.Issue, tc.comments); !errors.Is(err, tc.want) {
				t.Errorf("it is answered %q, want %q", err, tc.want)
			}
		})
	}
}

func TestOfCopiesOfSeveralAgesTheNewestIsTaken(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	rapid.Check(t, func(t *rapid.T) {
		all := anyLog().Draw(t, "log")
		var comments []string
		newest := 0
		for range rapid.IntRange(1, 5).Draw(t, "copies") {
			n := rapid.IntRange(1, len(all)).Draw(t, "beginning")
			newest = max(newest, n)
			size := rapid.IntRange(20, 400).Draw(t, "size")
			for _, text := range encoded(t, keys, subject, all[:n], rapid.IntRange(0, 3).Draw(t, "least"), size) {
				comments = append(comments, "A reply.\n\n<!-- slipway:key=x -->"+keys.Mark(subject, n)+"\n"+text)
			}
		}
		comments = rapid.Permutation(append(comments, "no copy")).Draw(t, "order")
		got, err := keys.Decode(subject.Repo, subject.Issue, comments)
		if err != nil || len(got.Entries) != newest {
			t.Fatalf("%d entries are read instead of %d, %v", len(got.Entries), newest, err)
		}
		var in []string
		for _, i := range got.In {
			in = append(in, comments[i])
		}
		again, err := keys.Decode(subject.Repo, subject.Issue, in)
		if err != nil || len(again.Entries) != newest {
			t.Errorf("it is said to stand in the comments %d, which hold %d entries, %v", got.In,
				len(again.Entries), err)
		}
	})
}

func TestAReplacedKeyStillVerifiesAndTheNewestOneSigns(t *testing.T) {
	before, after := NewKeys([]string{oldSecret}), NewKeys([]string{newSecret})
	during := NewKeys([]string{newSecret, oldSecret})
	all := entriesOf("started")
	for _, tc := range []struct {
		name         string
		signs, reads Keys
		want         error
	}{
		{"an old copy while the key is replaced", before, during, nil},
		{"a new copy once it was", during, after, nil},
		{"an old copy after that", before, after, ErrKey},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.reads.Decode(subject.Repo, subject.Issue, encoded(t, tc.signs, subject, all, 0, longest))
			if !errors.Is(err, tc.want) {
				t.Errorf("it is answered %v, want %v", err, tc.want)
			}
			if got := tc.reads.Newest(subject, []string{tc.signs.Mark(subject, 5)}); (got == 5) != (tc.want == nil) {
				t.Errorf("its mark is read as %d", got)
			}
		})
	}
}

func TestOnlyMarksThatWereSignedForTheLogCount(t *testing.T) {
	keys := NewKeys([]string{newSecret})
	other := Subject{Log: subject.Log, Repo: subject.Repo, Issue: 8}
	comments := []string{
		"a reply\n\n<!-- slipway:key=x -->" + keys.Mark(subject, 12), keys.Mark(subject, 9) + keys.Mark(subject, 17),
		keys.Mark(other, 40), strings.Replace(keys.Mark(subject, 17), "log=17.", "log=71.",
			1), "<!-- slipway:log=99 -->",
	}
	if got := keys.Newest(subject, comments); got != 17 {
		t.Errorf("the newest mark is %d, want 17", got)
	}
	if got := keys.Newest(subject, nil); got != 0 {
		t.Errorf("without comments the newest mark is %d, want 0", got)
	}
}

// The log of a whole Falco libs release, as a rehearsal left it.
func TestTheLogOfAWholeReleaseFitsInOneComment(t *testing.T) {
	data, err := os.ReadFile("testdata/falco-libs.json")
	if err != nil {
		t.Fatal(err)
	}
	var lines []struct {
		At   time.Time
		Kind string
		Data json.RawMessage
	}
	if err := json.Unmarshal(data, &lines); err != nil {
		t.Fatal(err)
	}
	var all []Entry
	size := 0
	for i, l := range lines {
		all = append(all, Entry{Seq: i + 1, At: l.At, Kind: l.Kind, Data: l.Data})
		size += len(l.Data)
	}
	keys := NewKeys([]string{newSecret})
	texts, err := keys.Encode(subject, all, 0)
	if err != nil || len(texts) != 1 {
		t.Fatalf("the copy has %d parts, %v", len(texts), err)
	}
	t.Logf("%d entries, %d bytes of data, %d characters in the comment", len(all), size, len(texts[0]))
	if len(texts[0]) > longest/2 {
		t.Errorf("the copy has %d characters, which leaves too little room for a longer release", len(texts[0]))
	}
	got, err := keys.Decode(subject.Repo, subject.Issue, texts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got.Entries); diff != "" {
		t.Errorf("the log (-written +read):\n%s", diff)
	}
}
