package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
)

// head is what all payloads share, and what is looked at before a payload is kept.
type head struct {
	Action     string `json:"action"`
	Repository struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
		Private  *bool  `json:"private"`
	} `json:"repository"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Sender struct {
		Login string `json:"login"`
		ID    int64  `json:"id"`
	} `json:"sender"`
	Comment struct {
		Body string `json:"body"`
	} `json:"comment"`
	RefType string `json:"ref_type"` // of a create event: tag or branch
}

// unreadableError is the answer to a payload that is no event of GitHub. It will never be one: asking for it again is
// of no use.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string { return "read the payload: " + e.err.Error() }
func (e *unreadableError) Unwrap() error { return e.err }

func readHead(payload []byte) (head, error) {
	var h head
	if !bytes.HasPrefix(bytes.TrimLeft(payload, " \t\r\n"), []byte("{")) {
		return h, &unreadableError{errors.New("it is no JSON object")}
	}
	if err := json.Unmarshal(payload, &h); err != nil {
		return h, &unreadableError{err}
	}
	return h, nil
}

// delivery is what the store keeps.
func (h head) delivery(guid, event string, payload []byte, at time.Time) store.Delivery {
	return store.Delivery{
		GUID: guid, Event: event, Action: h.Action, Installation: h.Installation.ID, RepoID: h.Repository.ID,
		Repo: h.Repository.FullName, Payload: payload, ReceivedAt: at,
	}
}

func (h head) repository() conversation.Repository {
	return conversation.Repository{
		Repo: h.Repository.ID, Name: h.Repository.FullName, Installation: h.Installation.ID,
		Public: h.Repository.Private != nil && !*h.Repository.Private,
	}
}

// cause is the delivery as the cause of what follows from it.
func (h head) cause(guid string, at time.Time) conversation.Cause {
	return conversation.Cause{GUID: guid, At: at, By: h.Sender.Login, ByID: h.Sender.ID}
}
