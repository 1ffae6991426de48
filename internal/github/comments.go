package github

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type comment struct {
	ID   int64  `json:"id"`
	Node string `json:"node_id"`
	Body string `json:"body"`
	User user   `json:"user"`
	URL  string `json:"html_url"`
	App  struct {
		ID int64 `json:"id"`
	} `json:"performed_via_github_app"`
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`
}

func (c comment) value() step.Comment {
	return step.Comment{
		ID: c.ID, NodeID: c.Node, Author: c.User.Login, AuthorID: c.User.ID, Bot: c.User.Type == "Bot", App: c.App.ID,
		Body: c.Body, URL: c.URL, At: c.Created, Updated: c.Updated,
	}
}

// Comments lists the comments, oldest first.
func (gh *client) Comments(ctx context.Context, repo string, number int) ([]step.Comment, error) {
	return gh.comments(ctx, repo, number, time.Time{})
}

// CommentsAfter lists the comments that were written or edited at since or later, oldest first: what is new costs one
// page, however long the issue is. GitHub counts in whole seconds.
func (gh *client) CommentsAfter(ctx context.Context, repo string, number int, since time.Time) ([]step.Comment, error) {
	return gh.comments(ctx, repo, number, since)
}

func (gh *client) comments(ctx context.Context, repo string, number int, since time.Time) ([]step.Comment, error) {
	filter := ""
	if !since.IsZero() {
		since = since.UTC().Truncate(time.Second)
		filter = "&since=" + since.Format(time.RFC3339)
	}
	what := fmt.Sprintf("list the comments of %d in %s", number, repo)
	found, err := list[comment](ctx, gh, what, in(repo, "issues/%d/comments?per_page=100%s", number, filter))
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err = recall(ctx, gh, found, listing[comment]{
		kind: madeComment, repo: repo,
		// GitHub's clock and ours may differ.
		suits:   func(w written) bool { return w.Number == number && w.newest().After(since.Add(-time.Minute)) },
		made:    func(c comment) Made { return Made{ID: c.ID} },
		read:    func(ctx context.Context, m Made) (comment, bool, error) { return gh.comment(ctx, repo, m.ID) },
		belongs: func(c comment) bool { return !c.Updated.Before(since) },
		before:  func(a, b comment) bool { return a.ID < b.ID },
	})
	if err != nil {
		return nil, err
	}
	var comments []step.Comment
	for _, c := range found {
		comments = append(comments, c.value())
	}
	return comments, nil
}

// Comment reads one comment, wherever in the repository it is.
func (gh *client) Comment(ctx context.Context, repo string, id int64) (step.Comment, bool, error) {
	c, found, err := gh.comment(ctx, repo, id)
	if err != nil || !found {
		return step.Comment{}, false, err
	}
	return c.value(), true, nil
}

func (gh *client) comment(ctx context.Context, repo string, id int64) (comment, bool, error) {
	return readMade[comment](ctx, gh, fmt.Sprintf("read comment %d in %s", id, repo),
		in(repo, "issues/comments/%d", id), Made{Kind: madeComment, Repo: repo, ID: id})
}

// CreateComment comments on an issue or pull request. A text that is too long is cut, with a note.
func (gh *client) CreateComment(ctx context.Context, repo string, number int, body string) (step.Comment, error) {
	var made comment
	what := fmt.Sprintf("comment on %d in %s", number, repo)
	err := gh.call(ctx, what, http.MethodPost,
		in(repo, "issues/%d/comments", number), map[string]any{"body": cut(body, bodyLimit)}, &made)
	if err != nil {
		return step.Comment{}, err
	}
	return made.value(), noted(ctx, gh, what, Made{Kind: madeComment, Repo: repo, ID: made.ID, Number: number,
		URL: made.URL}, made)
}

// EditComment writes the text of a comment, cut like that of a new one. A comment that was deleted is step.ErrGone.
func (gh *client) EditComment(ctx context.Context, repo string, id int64, body string) error {
	var now comment
	m := Made{Kind: madeComment, Repo: repo, ID: id}
	err := gh.call(ctx, fmt.Sprintf("edit comment %d in %s", id, repo), http.MethodPatch,
		in(repo, "issues/comments/%d", id), map[string]any{"body": cut(body, bodyLimit)}, &now)
	if err != nil {
		return gh.notGone(ctx, err, m)
	}
	edited(ctx, gh, m, now)
	return nil
}

// React puts a reaction on a comment. A comment that was deleted is step.ErrGone.
func (gh *client) React(ctx context.Context, repo string, comment int64, content string) error {
	err := gh.call(ctx, fmt.Sprintf("react to comment %d in %s", comment, repo), http.MethodPost,
		in(repo, "issues/comments/%d/reactions", comment), map[string]any{"content": content}, &identity{})
	return gh.notGone(ctx, err, Made{Kind: madeComment, Repo: repo, ID: comment})
}

// Minimize folds a comment as outdated, by its node id. REST has no such call. A comment that was deleted is
// step.ErrGone.
func (gh *client) Minimize(ctx context.Context, repo string, nodeID string) error {
	const mutation = `mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized } }
}`
	var done struct {
		Minimize struct {
			Comment struct {
				Minimized bool `json:"isMinimized"`
			} `json:"minimizedComment"`
		} `json:"minimizeComment"`
	}
	what := "fold comment " + nodeID + " in " + repo
	err := gone(gh.query(ctx, what, mutation, map[string]string{"id": nodeID}, &done))
	if err == nil && !done.Minimize.Comment.Minimized {
		err = fmt.Errorf("%s: GitHub answers that it is not folded", what)
	}
	return err
}
