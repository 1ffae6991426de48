package announce_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/announce"
	"github.com/slipway-dev/slipway/release/step"
	"github.com/slipway-dev/slipway/test/hostile"
)

var said = step.Announcement{
	Key: "o/r#1/4.2.0/announce.1/slack", Repo: "kata-containers/kata-containers", Version: "4.2.0",
	Subject: "Kata Containers 4.2.0 is releäsed",
	Text: "What is new:\n" +
		"https://github.test/a-rather-long-address-that-goes-on-and-on-until-a-mail-has-to-break-it-in-two",
	At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
}

// listener is an HTTP server that answers with a status, and keeps what came.
func listener(t *testing.T, status int) (url string, got func() (body string, header http.Header, n int)) {
	t.Helper()
	var mu sync.Mutex
	var body string
	var header http.Header
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		body, header, n = string(text), r.Header, n+1
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() (string, http.Header, int) { mu.Lock(); defer mu.Unlock(); return body, header, n }
}

// postbox is a mail server that takes one mail, or refuses its recipient.
func postbox(t *testing.T, refuse bool) (address string, got chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got = make(chan string, 4)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn, refuse, got)
		}
	}()
	return l.Addr().String(), got
}

func serve(conn net.Conn, refuse bool, got chan string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	answer := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	answer("220 postbox")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line)[0]); {
		case verb == "EHLO":
			answer("250 postbox")
		case verb == "RCPT" && refuse:
			answer("550 no such mailbox")
		case verb == "DATA":
			answer("354 go on")
			var text strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				text.WriteString(l)
			}
			got <- text.String()
			answer("250 taken")
		case verb == "QUIT":
			answer("221 bye")
			return
		default:
			answer("250 ok")
		}
	}
}

func channels(one announce.Channel) announce.Channels {
	one.Name, one.Repos = "c", []string{"kata-containers/*"}
	return announce.Channels{List: []announce.Channel{one}, Client: &http.Client{}}
}

func TestSlackAndWebhooksGetWhatIsSaid(t *testing.T) {
	url, got := listener(t, http.StatusOK)
	if err := channels(announce.Channel{Kind: "slack", URL: url}).Send(t.Context(), "c", said); err != nil {
		t.Fatal(err)
	}
	if body, _, n := got(); n != 1 || !strings.Contains(body, `*Kata Containers 4.2.0 is releäsed*\nWhat is new:`) {
		t.Errorf("Slack got %d: %s", n, body)
	}
	if err := channels(announce.Channel{Kind: "webhook", URL: url, Secret: "s"}).Send(t.Context(), "c",
		said); err != nil {
		t.Fatal(err)
	}
	body, header, _ := got()
	if !strings.Contains(body, `"version":"4.2.0"`) || header.Get("Idempotency-Key") != said.Key ||
		len(header.Get("X-Slipway-Signature-256")) != 71 {
		t.Errorf("the webhook got %s with %v", body, header)
	}
}

func TestAMailIsWhole(t *testing.T) {
	server, got := postbox(t, false)
	c := channels(announce.Channel{Kind: "mail",
		Mail: announce.Mail{Server: server, From: "Kata <releases@example.org>",
			To: []string{"announce@example.org", "b@example.org"}}})
	if err := c.Send(t.Context(), "c", said); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(<-got))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("To") != "announce@example.org, b@example.org" ||
		!strings.HasPrefix(m.Header.Get("Subject"), "=?utf-8?q?") ||
		!strings.HasSuffix(m.Header.Get("Message-ID"), "@example.org>") {
		t.Errorf("the header is %v", m.Header)
	}
	again, err := announce.Message(c.List[0].Mail, said)
	if err != nil || !strings.Contains(string(again), m.Header.Get("Message-ID")) {
		t.Errorf("the same announcement has another Message-ID: %v", err)
	}
	bad := said
	bad.Subject = "a\r\nBcc: everybody@example.org"
	if text, err := announce.Message(c.List[0].Mail, bad); err != nil || strings.Contains(string(text), "\nBcc:") {
		t.Errorf("a subject adds a header: %v\n%s", err, text)
	}
}

// It has to be known whether nobody got it: only then may it be sent again without a look.
func TestWhatWasNotSentIsToldFromWhatIsNotKnown(t *testing.T) {
	refusing, _ := listener(t, http.StatusNotFound)
	failing, _ := listener(t, http.StatusBadGateway)
	server, got := postbox(t, true)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	for _, c := range []struct {
		name    string
		channel announce.Channel
		notSent bool
	}{
		{"it was refused", announce.Channel{Kind: "slack", URL: refusing}, true},
		{"nobody listens", announce.Channel{Kind: "slack", URL: "http://" + address}, true},
		{"the other side broke", announce.Channel{Kind: "slack", URL: failing}, false},
		{"no mail server",
			announce.Channel{Kind: "mail",
				Mail: announce.Mail{Server: address, From: "a@b.org", To: []string{"c@d.org"}}}, true},
		{"no such mailbox",
			announce.Channel{Kind: "mail",
				Mail: announce.Mail{Server: server, From: "a@b.org", To: []string{"c@d.org"}}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := channels(c.channel).Send(t.Context(), "c", said)
			var no *step.NotSent
			if err == nil || errors.As(err, &no) != c.notSent {
				t.Errorf("it answers %v, not sent %t", err, !c.notSent)
			}
			if err != nil && (strings.Contains(err.Error(), "http://") || strings.Contains(err.Error(), address)) {
				t.Errorf("the answer tells the address, which may be a secret: %v", err)
			}
		})
	}
	if len(got) > 0 {
		t.Error("a mail without its recipient was taken")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := channels(announce.Channel{Kind: "slack", URL: refusing}).Send(gone, "c", said); err == nil {
		t.Error("a call that was given up is no success")
	}
}

func TestAChannelIsForItsRepositories(t *testing.T) {
	c := channels(announce.Channel{Kind: "slack"})
	for repo, want := range map[string]bool{"kata-containers/kata-containers": true, "Kata-Containers/tests": true,
		"evil/kata-containers": false, "kata-containers/a/b": false} {
		if c.Takes(repo, "c") != want {
			t.Errorf("%s may speak: %t", repo, !want)
		}
	}
	other := said
	other.Repo = "evil/repo"
	var no *step.NotSent
	if err := c.Send(t.Context(), "c", other); !errors.As(err, &no) || c.Takes("kata-containers/x", "d") {
		t.Errorf("another repository speaks: %v", err)
	}
}

// A process file is not the operator's: nobody is called, and nothing is sent that the text did not show.
func TestAnAnnouncementIsTextAlone(t *testing.T) {
	var got struct{ Text string }
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	c := announce.Channels{Client: server.Client(), List: []announce.Channel{{Name: "s", Kind: "slack", URL: server.URL,
		Repos: []string{"a/*"}}}}
	a := step.Announcement{Repo: "a/b", Subject: "1.0 <!channel>\r\nBcc: x@y.test",
		Text: "<@U1> <https://evil.test|here> R&D \u202ex"}
	if err := c.Send(t.Context(), "s", a); err != nil {
		t.Fatal(err)
	}
	want := "*1.0 &lt;!channel&gt; Bcc: x@y.test*\n&lt;@U1&gt; &lt;https://evil.test|here&gt; R&amp;D \\u202ex"
	if got.Text != want {
		t.Errorf("Slack got %q, want %q", got.Text, want)
	}
	message, err := announce.Message(announce.Mail{From: "a@b.test", To: []string{"c@d.test"}}, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range hostile.Mail(string(message)) {
		t.Error(problem)
	}
}
