package handlers

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// event is the part that all payloads share.
type event struct {
	Action       string     `json:"action"`
	Repository   repository `json:"repository"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Sender user `json:"sender"`
}

type repository struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	Private       *bool  `json:"private"`
}

type user struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
	Type  string `json:"type"`
}

func (u user) bot() bool { return u.Type == "Bot" }

func (u user) person() release.Person { return release.Person{Login: u.Login, ID: u.ID} }

type issue struct {
	Number    int    `json:"number"`
	Title     string `json:"title"`
	Body      string `json:"body"`
	Assignees []user `json:"assignees"`
	Milestone *struct {
		Title string `json:"title"`
	} `json:"milestone"`
	UpdatedAt time.Time `json:"updated_at"`
	Pull      *struct{} `json:"pull_request"`
}

type comment struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	User      user      `json:"user"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// App is set where an App wrote it, also in the name of a person.
	App *struct{} `json:"performed_via_github_app"`
}

// bot says that no person wrote the comment.
func (c comment) bot() bool { return c.User.bot() || c.App != nil }

// said is what a payload tells of an issue to whoever works what was said on it.
func (ev event) said(is issue) conversation.Said {
	_, tracked := parse.Section(is.Body)
	s := conversation.Said{
		By: ev.Sender.Login, ByID: ev.Sender.ID, Title: is.Title, DefaultBranch: ev.Repository.DefaultBranch,
		Pull: is.Pull != nil, Tracked: tracked, Block: patches.Concerns(is.Body),
	}
	for _, a := range is.Assignees {
		s.Assignees = append(s.Assignees, a.person())
	}
	if is.Milestone != nil {
		s.Milestone = is.Milestone.Title
	}
	return s
}

// decode reads a payload. One that cannot be read now can never be.
func decode(kind string, payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return store.GiveUp{Err: fmt.Errorf("read %s payload: %w", kind, err)}
	}
	return nil
}
