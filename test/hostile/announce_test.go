package hostile_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/announce"
	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release/step"
	"github.com/slipway-dev/slipway/test/hostile"
)

// kept are a Slack, a webhook and a mail server that keep what they get.
type kept struct {
	announce.Channels
	mu   sync.Mutex
	sent map[string]string
}

const hookSecret = "the secret of the webhook"

func channelsThatKeep(t *testing.T) *kept {
	t.Helper()
	k := &kept{sent: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		k.keep(strings.TrimPrefix(r.URL.Path, "/the-secret-of-slack/"), string(body))
	}))
	t.Cleanup(server.Close)
	k.Client = server.Client()
	for _, kind := range []string{"slack", "webhook", "mail"} {
		k.List = append(k.List, announce.Channel{Name: kind, Kind: kind, Repos: []string{"acme/*"}, Secret: hookSecret,
			URL:  server.URL + "/the-secret-of-slack/" + kind,
			Mail: announce.Mail{From: "Slipway <slipway@acme.test>", To: []string{"users@acme.test"}}})
	}
	return k
}

func (k *kept) keep(kind, body string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent[kind] = body
}

func (k *kept) Send(ctx context.Context, channel string, a step.Announcement) error {
	if channel != "mail" {
		return k.Channels.Send(ctx, channel, a)
	}
	message, err := announce.Message(k.List[2].Mail, a)
	k.keep("mail", string(message))
	return err
}

// told is the process of a repository whose maintainers put what they look up everywhere.
func told(texts string) string {
	return "name: told\ntitle: Told\nversions: {kinds: [major, minor, patch], document: RELEASE.md}\n" +
		"names: {tag: \"{version}\"}\nfrom: {about: the branch that is released}\n" +
		"roles: {manager: {about: who is assigned, permission: maintain}}\nmay: {default: [manager]}\n" +
		"tracks: [{name: all, for: [major, minor, patch], phases: [cut]}]\n" +
		"phases:\n  - name: cut\n    title: Cut\n    about: It is told.\n" +
		"    pin: {sha: {head-of: \"{from}\"}, word: {of: main, repo: acme/told, file: WORD}}\n    do:\n" +
		"      - {tag: {name: \"{tag}\", at: \"{sha}\", message: \"{word}\"}, title: \"Tag {word}\"}\n" +
		"      - {release: {tag: \"{tag}\", at: \"{sha}\", name: \"{word}\", body: \"{word}\", " +
		"notes: {generate: true, since: \"{previous}\"}}}\n" +
		"      - {announce: {to: [slack, webhook, mail], subject: " + oneLine(texts) + ", text: " +
		texts + "}}\n"
}

// oneLine is a quoted text without ends of lines: lint takes no other subject.
func oneLine(quoted string) string {
	return strings.NewReplacer(`\n`, " ", `\r`, " ", `\f`, " ", `\u000b`, " ", `\u2028`, " ", `\u2029`, " ",
		"\u0085", " ").Replace(quoted)
}

func toldRelease(t *testing.T, word, texts, from string) (w *writings, k *kept, all string, secrets []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w, k = &writings{tokens: map[string]bool{}}, channelsThatKeep(t)
	seed := sandbox.Seed{Org: "acme", Users: []string{"ada"}, Repos: []sandbox.SeedRepo{{
		Name: "told", DefaultBranch: "main", Collaborators: map[string]string{"ada": "maintain"},
		Commits: []sandbox.SeedCommit{
			{Message: "Begin", Author: "ada", Tags: []string{"1.0.0"}, Released: true,
				Files: map[string]string{"WORD": word + "\n", ".github/release.yaml": told(texts)}},
			{Message: "Go on", Author: "ada", Files: map[string]string{"README.md": "Told\n"}},
		},
		Issues: []sandbox.SeedIssue{{Title: "told 1.1.0", Body: "The next.\n", Author: "ada"}},
	}}}
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Log: zerolog.New(app.LogLines{To: w}), Seed: seed,
		Front: w.front, Announce: k})
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"/release start 1.1.0 from=" + from, "/release start 1.1.0 from=main",
		"/release plan", "/release cut", "/release status"} {
		if _, err := st.Sandbox.As("ada").Comment(ctx, "acme/told", 1, says); err != nil {
			t.Fatal(err)
		}
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	snapshot, err := st.Sandbox.Snapshot(ctx, "acme/told")
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range snapshot.Issues {
		all += is.Body
		for _, c := range is.Comments {
			all += "\n" + c.Body
		}
	}
	secrets = append(st.Secrets(), hookSecret, "the-secret-of-slack")
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return w, k, all, secrets
}

// What is looked up in a file goes into names, messages and notes: only one plain word is taken.
func TestAHostileValueOfAFileIsRefused(t *testing.T) {
	for _, word := range []string{"@everyone", "GH-66602", "www.evil.test", "<!-- slipway:key=evil -->",
		"https://evil.test", "evil\x1b[31m", "`evil`", "1.0 @evil"} {
		w, _, all, secrets := toldRelease(t, word, "\"{word}\"", "`evil`")
		for _, problem := range w.problems(secrets) {
			t.Errorf("%q: %s", word, problem)
		}
		if !strings.Contains(all, "which is not one plain word") || strings.Contains(all, "**Finished**") {
			t.Errorf("%q was taken:\n%.4000s", word, all)
		}
		if !strings.Contains(all, "is not a valid branch name") {
			t.Error("a hostile name of a branch was taken")
		}
	}
}

// Whatever a process file says, an announcement calls nobody in Slack, and has the headers that Slipway gave it.
func TestAHostileAnnouncementIsSentHarmlessly(t *testing.T) {
	words := hostile.From(hostileSeed(t))
	for range 4 {
		text := strings.NewReplacer("{", "(", "}", ")").Replace(words.Block() + words.Line(200))
		text = strings.ToValidUTF8(text[:min(len(text), 700)], "?") // of a file of at most 32 KB
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		w, k, all, secrets := toldRelease(t, "v1", string(quoted), "main")
		for _, problem := range w.problems(secrets) {
			t.Error(problem)
		}
		var slack, hook struct{ Text string }
		if err := errors.Join(json.Unmarshal([]byte(k.sent["slack"]), &slack),
			json.Unmarshal([]byte(k.sent["webhook"]), &hook)); err != nil {
			t.Fatalf("%v: %q\n%.3000s", err, k.sent, all)
		}
		for kind, problems := range map[string][]string{"slack": hostile.Slack(slack.Text),
			"mail": hostile.Mail(k.sent["mail"])} {
			for _, problem := range problems {
				t.Errorf("%s: %s", kind, problem)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(k.sent["slack"]+k.sent["webhook"]+k.sent["mail"], secret) {
				t.Errorf("an announcement tells %.8s…", secret)
			}
		}
	}
}
