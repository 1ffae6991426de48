// Package announce sends announcements to Slack, to a webhook, and by mail. Each channel is for the repositories that
// the operator names: a process file of somebody else cannot speak in it.
package announce

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"net/smtp"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

// Channel is one place to send to.
type Channel struct {
	Name string
	// Kind is slack, webhook or mail.
	Kind string
	// Repos are patterns of repositories that may speak in it: kata-containers/*.
	Repos []string
	// URL is Slack's incoming webhook, or the address of a webhook.
	URL string
	// Secret signs what is sent to a webhook.
	Secret string
	// Mail is for mail.
	Mail Mail
}

// Mail is a mail server, and whom to write to.
type Mail struct {
	Server         string // HOST:PORT
	User, Password string // both empty for none
	From           string
	To             []string
}

// Channels send to whichever is meant.
type Channels struct {
	List   []Channel
	Client *http.Client
}

var _ step.Announcer = Channels{}

// Takes says that the repository may speak in the channel.
func (c Channels) Takes(repo, name string) bool {
	_, ok := c.find(repo, name)
	return ok
}

func (c Channels) find(repo, name string) (Channel, bool) {
	i := slices.IndexFunc(c.List, func(one Channel) bool {
		return one.Name == name && slices.ContainsFunc(one.Repos, func(pattern string) bool {
			hit, _ := path.Match(strings.ToLower(pattern), strings.ToLower(repo))
			return hit
		})
	})
	if i < 0 {
		return Channel{}, false
	}
	return c.List[i], true
}

// Send sends an announcement.
func (c Channels) Send(ctx context.Context, name string, a step.Announcement) error {
	one, ok := c.find(a.Repo, name)
	if !ok {
		return &step.NotSent{Why: "there is no channel " + name + " for " + a.Repo}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	switch one.Kind {
	case "slack":
		return c.post(ctx, one, a, map[string]string{"text": "*" + slack(line(a.Subject)) + "*\n" + slack(a.Text)})
	case "webhook":
		return c.post(ctx, one, a, map[string]string{"key": a.Key, "repository": a.Repo, "version": a.Version,
			"subject": line(a.Subject), "text": visible(a.Text)})
	case "mail":
		return send(ctx, one.Mail, a)
	}
	return &step.NotSent{Why: "the channel " + name + " is of no kind that there is"}
}

// post sends JSON. What the other side refused was not delivered; where no answer came it is not known.
func (c Channels) post(ctx context.Context, one Channel, a step.Announcement, fields map[string]string) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, one.URL, bytes.NewReader(body))
	if err != nil {
		return &step.NotSent{Why: "the address of the channel " + one.Name + " cannot be used"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", a.Key)
	if one.Secret != "" {
		sum := hmac.New(sha256.New, []byte(one.Secret))
		sum.Write(body)
		req.Header.Set("X-Slipway-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	}
	resp, err := c.Client.Do(req)
	if err != nil {
		var e *url.Error
		var dial *net.OpError
		if errors.As(err, &e) {
			err = e.Err // without the address: Slack's is a secret
		}
		if errors.As(err, &dial) && dial.Op == "dial" {
			return &step.NotSent{Why: one.Name + " could not be reached"}
		}
		return fmt.Errorf("send to %s: %w", one.Name, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode < 500:
		return &step.NotSent{Why: fmt.Sprintf("%s answered %d", one.Name, resp.StatusCode)}
	}
	return fmt.Errorf("send to %s: it answered %d", one.Name, resp.StatusCode)
}

// send sends a mail. The server has it once it has taken the whole text; before that nobody has.
func send(ctx context.Context, m Mail, a step.Announcement) error {
	no := func(what string, err error) error { return &step.NotSent{Why: what + ": " + err.Error()} }
	message, err := Message(m, a)
	if err != nil {
		return no("the mail cannot be written", err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return &step.NotSent{Why: "the mail server could not be reached"}
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	host, _, _ := net.SplitHostPort(m.Server)
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return no("the mail server does not greet", err)
	}
	defer client.Close()
	if ok, _ := client.Extension("STARTTLS"); ok {
		if err := client.StartTLS(tlsFor(host)); err != nil {
			return no("the mail server cannot encrypt", err)
		}
	}
	if m.User != "" {
		if err := client.Auth(smtp.PlainAuth("", m.User, m.Password, host)); err != nil {
			return no("the mail server does not let us in", errors.New("authentication failed"))
		}
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return no("the sender cannot be read", err)
	}
	if err := client.Mail(from.Address); err != nil {
		return no("the mail server refuses the sender", err)
	}
	for _, to := range m.To {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return no("an address cannot be read", err)
		}
		if err := client.Rcpt(address.Address); err != nil {
			return no("the mail server refuses "+address.Address, err)
		}
	}
	w, err := client.Data()
	if err != nil {
		return no("the mail server takes no text", err)
	}
	if _, err := w.Write(message); err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("send the mail: %w", err)
	}
	_ = client.Quit()
	return nil
}

// Message is the mail. Its Message-ID is made of the key, so that servers which see it twice can know.
func Message(m Mail, a step.Announcement) ([]byte, error) {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	sum := sha256.Sum256([]byte(a.Key))
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", from.String()}, {"To", strings.Join(m.To, ", ")}, {"Subject",
			mime.QEncoding.Encode("utf-8", line(a.Subject))},
		{"Date", a.At.UTC().Format(time.RFC1123Z)}, {"Message-ID",
			"<" + hex.EncodeToString(sum[:16]) + "@" + domain + ">"},
		{"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding",
			"quoted-printable"}, {"Auto-Submitted", "auto-generated"},
	} {
		if strings.ContainsAny(h[1], "\r\n") && h[0] != "Subject" {
			return nil, fmt.Errorf("%s has a line break", h[0])
		}
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(visible(a.Text), "\n", "\r\n") + "\r\n")); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}
