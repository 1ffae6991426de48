package contract_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/handlers"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/review"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/webhook"
	"github.com/slipway-dev/slipway/test/contract"
)

// Every payload that GitHub recorded, of the events that are handled, goes through the real intake: signature, disk,
// 202, handler.
func TestGitHubsOwnPayloadsGoThroughTheIntake(t *testing.T) {
	examples, err := contract.Examples()
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "inbox.db"),
		store.Options{Clock: time.Now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	talk := &conversation.Conversation{Store: db, Clock: time.Now, Log: zerolog.Nop(), AppSlug: "slipway"}
	in := &webhook.Intake{
		Store: db, Repositories: talk, Secrets: []string{"new",
			"old"}, Self: "slipway[bot]", Clock: time.Now, Log: zerolog.Nop(),
		Handlers: handlers.All(handlers.Base{
			Conversation: talk, Releases: &engine.Engine{Store: db, Clock: time.Now}, Tokens: &github.App{},
			Patches: &patches.Patches{Store: db, Clock: time.Now, Conversation: talk},
			Reviews: &review.Review{Store: db, Clock: time.Now},
		}),
	}
	var handled []string
	for _, h := range in.Handlers {
		handled = append(handled, h.Handles()...)
	}
	post := func(event, guid, secret string, payload []byte) int {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(payload)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook", bytes.NewReader(payload))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GitHub-Event", event)
		r.Header.Set("X-GitHub-Delivery", guid)
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		w := httptest.NewRecorder()
		in.Handler().ServeHTTP(w, r)
		return w.Code
	}
	taken := 0
	for _, e := range examples {
		if !slices.Contains(handled, e.Event) {
			continue
		}
		taken++
		guid := uuid.NewString()
		for _, secret := range []string{"new", "old"} { // the second one is the same delivery again
			if code := post(e.Event, guid, secret, e.Payload); code != http.StatusAccepted {
				t.Errorf("%s: the intake answers %d, want 202", e.Name, code)
			}
		}
		if code := post(e.Event, uuid.NewString(), "wrong", e.Payload); code != http.StatusBadRequest {
			t.Errorf("%s with a wrong signature: the intake answers %d, want 400", e.Name, code)
		}
		d, err := db.Delivery(t.Context(), guid)
		if err != nil || d.Payload != nil && !bytes.Equal(d.Payload, e.Payload) {
			t.Errorf("%s is not on disk as it came: %v", e.Name, err)
		}
		if err := in.Work(t.Context(), guid); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	if taken < 50 {
		t.Errorf("only %d payloads were tried; is the list of examples right?", taken)
	}
	if code := post("issues", uuid.NewString(), "new",
		[]byte(strings.Repeat("x", webhook.MaxBody+1))); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit: the intake answers %d, want 413", code)
	}
}
