package patches_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/store"
)

// canned is a GitHub of prepared answers: what is measured is Slipway's work, not that of a server in the same process.
type canned struct {
	pages      [][]byte
	generation int // a new one makes every answer another
	paid, free int
	written    int // characters of the longest comment
}

func (s *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	header := http.Header{"Content-Type": {"application/json"}}
	etag, status := "", http.StatusOK
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v3"); {
	case path == "/app":
		body = []byte(`{"id":1,"slug":"slipway"}`)
	case strings.HasSuffix(path, "/access_tokens"):
		body = []byte(`{"token":"t","expires_at":"2100-01-01T00:00:00Z"}`)
		status = http.StatusCreated
	case strings.Contains(path, "/contents/"):
		body, etag = fmt.Appendf(nil, `{"type":"file","encoding":"base64","content":%q}`,
			base64.StdEncoding.EncodeToString([]byte(preset))), `"policy"`
	case strings.Contains(path, "/matching-refs/"):
		var refs []string
		for minor := range 30 {
			for patch := range 15 {
				refs = append(refs, fmt.Sprintf(`{"ref":"refs/tags/v1.%d.%d","object":{"sha":"%040d","type":"tag"}}`,
					minor+2, patch, minor*100+patch))
			}
		}
		body, etag = []byte("["+strings.Join(refs, ",")+"]"), `"tags"`
	case strings.HasSuffix(path, "/milestones"):
		body, etag = []byte(`[{"number":1,"title":"v1.31.15","state":"open","due_on":"2026-12-01T00:00:00Z",`+
			`"html_url":"https://github.com/k/k/milestone/1"}]`), `"milestones"`
	case strings.Contains(path, "/comments"):
		sent, _ := io.ReadAll(r.Body)
		var c struct{ Body string }
		_ = json.Unmarshal(sent, &c)
		s.written = max(s.written, len([]rune(c.Body)))
		body = []byte(`{"id":9,"user":{"login":"slipway[bot]","type":"Bot"}}`)
		if r.Method == http.MethodPost {
			status = http.StatusCreated
		}
	case strings.HasSuffix(path, "/issues"):
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		body, etag = bytes.Replace(s.pages[page-1], []byte(`"Problem 7 of`),
			fmt.Appendf(nil, `"Problem 7, edited %d times, of`, s.generation), 1), fmt.Sprintf(`"%d"`, page)
		if page < len(s.pages) {
			q := r.URL.Query()
			q.Set("page", strconv.Itoa(page+1))
			header.Set("Link", fmt.Sprintf(`<https://github.test%s?%s>; rel="next"`, r.URL.Path, q.Encode()))
		}
	}
	if etag != "" {
		if etag != `"policy"` { // which no report shows
			etag = fmt.Sprintf(`%s-%d"`, strings.TrimSuffix(etag, `"`), s.generation)
		}
		header.Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			body, status = nil, http.StatusNotModified
		}
	}
	if !strings.HasSuffix(r.URL.Path, "/app") && !strings.HasSuffix(r.URL.Path, "/access_tokens") {
		if status == http.StatusNotModified {
			s.free++
		} else {
			s.paid++
		}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r,
		ProtoMajor: 1, ProtoMinor: 1}, nil
}

// fill makes n issues of the size that GitHub answers with: about 4.5 KB each, of which Slipway reads a third.
func (s *canned) fill(n int) {
	rest := `"reactions":{"url":"https://api.github.com/repos/k/k/issues/1/reactions","total_count":0,"+1":0,"-1":0,` +
		`"laugh":0,"hooray":0,"confused":0,"heart":0,"rocket":0,"eyes":0},"filler":"` + strings.Repeat("x", 2300) + `"`
	var all []string
	for i := range n {
		state, closed := "open", "null"
		if i%3 == 0 {
			state, closed = "closed", fmt.Sprintf("%q",
				time.Date(2026, 11, 1+i%19, 9, 0, 0, 0, time.UTC).Format(time.RFC3339))
		}
		body := fmt.Sprintf("```release\nintroduced-in=v1.%d.1\nresolved-in=v1.%d.15\n```\n## Symptoms\n%s\n## Root "+
			"cause\nBinaries:\n- kubectl\n## Impact\n%s\n## Resolution\nIt is undone.\n## PRs\n- #%d\n",
			29+i%3, 29+i%3, strings.Repeat("It does not work as it did. ", 20), strings.Repeat("Nobody can deploy. ",
				20), i+1)
		text, _ := json.Marshal(body)
		all = append(all,
			fmt.Sprintf(`{"number":%d,"title":"Problem %d of a component that has a rather long name","state":%q,`+
				`"closed_at":%s,"created_at":"2026-10-%02dT09:00:00Z","updated_at":"2026-11-01T09:00:00Z",`+
				`"html_url":"https://github.com/k/k/issues/%d","user":{"login":"olga"},`+
				`"labels":[{"name":"patch-release"},{"name":"priority/%s"},{"name":"sig/cli"}],`+
				`"milestone":{"number":1,"title":"v1.31.15"},"body":%s,%s}`,
				n-i, i, state, closed, 1+i%30, n-i, []string{"critical-urgent",
					"important-soon"}[min(1, i%7)], text, rest))
	}
	s.pages = nil
	for i := 0; i < n; i += 100 {
		s.pages = append(s.pages, []byte("["+strings.Join(all[i:min(i+100, n)], ",")+"]"))
	}
}

// bench is Patches on prepared answers, with a report that stands on an issue already.
func bench(b *testing.B, gh http.RoundTripper, key, repo string) *patches.Patches {
	b.Helper()
	private, err := appKey()
	if err != nil {
		b.Fatal(err)
	}
	clock := func() time.Time { return morning }
	app, err := github.New(github.Config{
		AppID: 1, V3URL: "https://github.test/api/v3/", Log: zerolog.Nop(), Clock: clock, Transport: gh,
		Pace: github.Pace{PerMinute: 1_000_000, PerHour: 1_000_000},
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
			Bytes: x509.MarshalPKCS1PrivateKey(private)}),
	})
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "slipway.db"),
		store.Options{Clock: clock, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	report := store.Snapshot{Key: key, Repo: 1, Issue: 1, Open: true, At: morning, Data: []byte(`{"comment":9}`)}
	if err := errors.Join(
		db.PutRepository(b.Context(), store.Repository{ID: 1, Name: repo, Installation: 1}), db.PutSnapshot(b.Context(),
			report),
	); err != nil {
		b.Fatal(err)
	}
	c := &conversation.Conversation{Store: db, GitHub: app.Client, Clock: clock, Log: zerolog.Nop(),
		AppSlug: "slipway"}
	return &patches.Patches{Store: db, GitHub: app.Client, Clock: clock, Log: zerolog.Nop(), AppSlug: "slipway",
		Conversation: c}
}

// BenchmarkReport measures one look at a report of N issues, when all of them changed and when none did. The figures of
// a run are in docs/patch-issues.md.
func BenchmarkReport(b *testing.B) {
	for _, what := range []string{"patches", "milestone v1.31.15"} {
		for _, n := range []int{100, 1000, 10000} {
			gh := &canned{}
			gh.fill(n)
			job := store.Job{Kind: patches.KindLook, Key: "report:1#1/=" + what}
			p := bench(b, gh, job.Key, "k/k")
			look := func(b *testing.B) {
				var later store.Later
				if err := p.Work(b.Context(), job); !errors.As(err, &later) {
					b.Fatal(err)
				}
			}
			for _, changed := range []bool{true, false} {
				name := fmt.Sprintf("%s/%d issues/nothing changed", strings.Fields(what)[0], n)
				if changed {
					name = fmt.Sprintf("%s/%d issues/all changed", strings.Fields(what)[0], n)
				}
				b.Run(name, func(b *testing.B) {
					look(b)
					b.ReportAllocs()
					gh.paid, gh.free = 0, 0
					for b.Loop() {
						if changed {
							gh.generation++
						}
						look(b)
					}
					b.ReportMetric(float64(gh.paid)/float64(b.N), "paid-requests/op")
					b.ReportMetric(float64(gh.free)/float64(b.N), "free-requests/op")
					b.ReportMetric(float64(gh.written), "characters")
				})
			}
		}
	}
}
