package webhook

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
)

// wanted says that a delivery has to be worked. The others leave a row without their payload, so that they are known
// when GitHub lists them: events of our own doing, comments without a command, and events that would wake something
// where there is nothing.
func (in *Intake) wanted(ctx context.Context, event string, h head) (bool, error) {
	switch {
	case h.Repository.ID == 0:
		return strings.HasPrefix(event, "installation"), nil
	case strings.EqualFold(h.Sender.Login, in.Self):
		return news(event, h), nil
	case event == "issue_comment":
		return h.Action != "deleted" && len(parse.Commands(h.Comment.Body)) > 0, nil
	case wakes(event):
		return in.inUse(ctx, h)
	}
	return true, nil
}

// news says that an event of our own doing tells somebody something. The sender of a workflow run is whoever started
// it, also when it ends, hours later and by itself; a tag and a release of ours are what issues and milestones wait
// for. A branch of ours is none: what looks again because of a scratch branch would make the next one.
func news(event string, h head) bool {
	return strings.HasPrefix(event, "workflow_") || event == "release" || event == "create" && h.RefType == "tag"
}

// pushed tells of a push.
func (in *Intake) pushed(event string, h head) {
	if event == "push" && in.Pushed != nil {
		in.Pushed(h.Repository.FullName)
	}
}

// wakes says that an event only lets something look again that waits already.
func wakes(event string) bool {
	switch event {
	case "push", "delete", "milestone", "label", "check_run", "check_suite", "status", "workflow_run", "workflow_job",
		"repository_ruleset":
		return true
	}
	return false
}

// inUse says that something in the repository may wait: a release or a patch-release issue. The first event of a
// repository is always wanted: it makes the repository known. One that was in use stays so while the process lives.
func (in *Intake) inUse(ctx context.Context, h head) (bool, error) {
	if _, used := in.used.Load(h.Repository.ID); used {
		return true, nil
	}
	_, known, err := in.Store.Repository(ctx, h.Repository.ID)
	if err != nil || !known {
		return true, err
	}
	logs, err := in.Store.Logs(ctx, store.Filter{Repo: h.Repository.ID, Open: new(true)})
	if err != nil {
		return false, err
	}
	used := len(logs) > 0
	if !used {
		snapshots, err := in.Store.Snapshots(ctx, store.SnapshotFilter{Repo: h.Repository.ID})
		if err != nil {
			return false, err
		}
		used = len(snapshots) > 0
	}
	if used {
		in.used.Store(h.Repository.ID, true)
	}
	return used, nil
}

// Takes says that a kind of event is handled, and so kept.
func (in *Intake) Takes(event string) bool {
	for _, h := range in.Handlers {
		if slices.Contains(h.Handles(), event) {
			return true
		}
	}
	return false
}
