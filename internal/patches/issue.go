package patches

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// issueMemory is what is kept of an issue: the facts for the reports, and whether it is a patch-release issue.
type issueMemory struct {
	Tracked bool        `json:"tracked,omitempty"`
	Facts   rules.Facts `json:"facts,omitzero"`
	// Closed is what was said when it was closed as resolved: whoever opens it again for the same is not overruled.
	Closed string `json:"closed,omitempty"`
	// Shown is the issue as it was last seen, without its text, for the API; nil where it is no patch-release issue.
	Shown  *rules.Issue `json:"shown,omitempty"`
	Format int          `json:"format,omitempty"`
	// Unseen is when GitHub first said that there is no such issue, zero while it shows it.
	Unseen time.Time `json:"unseen,omitzero"`
}

// The keys of the comments on an issue.
const (
	noteCheck = "check" // what to fix in it
	noteFixed = "fixed" // which versions have its fix
)

// issue brings the labels and the comments of an issue up to what its description says. The reports look again after
// it: they show what it found.
func (l *pass) issue(ctx context.Context) error {
	k := keyOf(kindIssue, l.place)
	raw, found, err := l.gh.Issue(ctx, l.place.Name, l.place.Issue)
	switch {
	case err != nil:
		return err
	case !found:
		return l.unseen(ctx, k)
	case raw.Pull:
		return nil
	}
	is := read(l.policy, raw)
	before, _, err := load[issueMemory](ctx, l.Store, k)
	if err != nil || !is.Tracked() && !before.Tracked {
		return err
	}
	if before.Tracked && before.Format < format {
		if err := l.adopt(ctx, noteCheck, noteFixed); err != nil {
			return err
		}
	}
	if err := l.served(ctx); err != nil {
		return err
	}
	if is.Embargoed {
		return l.embargo(ctx, k, is, before)
	}
	judged, facts, maintained, err := l.judge(ctx, is, before.Facts.Reason)
	if err != nil {
		return err
	}
	facts.Reason = reasons(facts.Reason, judged)
	// What is known is kept before anything is written: should we be killed between the two, the labels are wanted
	// again for the same reasons.
	_, err = change(ctx, l.Patches, k, func(m *issueMemory, _ *bool) {
		m.Tracked, m.Facts, m.Format, m.Unseen, m.Shown = true, facts, format, time.Time{}, shown(is, judged)
	})
	if err != nil {
		return err
	}
	if err := l.relabel(ctx, judged); err != nil {
		return err
	}
	if ask := l.policy.ToDefine(is); len(ask) > 0 {
		if err := l.define(ctx, ask); err != nil {
			return err
		}
	}
	if _, err := l.Conversation.Note(ctx, l.gh, l.place, noteCheck, judged.Comment); err != nil {
		return err
	}
	if err := l.tellFixed(ctx, k, rules.Known{Issue: is, Facts: facts}, maintained); err != nil {
		return err
	}
	return l.wakeReports(ctx, l.place.Repo)
}

// embargo is for an issue whose fix is not public yet: nothing is looked up, asked, put or told. What was derived and
// found out before the embargo began goes.
func (l *pass) embargo(ctx context.Context, k key, is rules.Issue, before issueMemory) error {
	if !before.Tracked {
		return nil
	}
	found := rules.Found{Reasons: before.Facts.Reason}
	if len(is.Labels) > 0 {
		var err error
		if found.History, err = l.history(ctx); err != nil {
			return err
		}
	}
	judged := rules.Judge(l.policy, is, found)
	_, err := change(ctx, l.Patches, k, func(m *issueMemory, _ *bool) {
		m.Facts, m.Format, m.Unseen = rules.Facts{Reason: before.Facts.Reason}, format, time.Time{}
		m.Shown = nil
	})
	if err != nil {
		return err
	}
	if err := l.relabel(ctx, judged); err != nil {
		return err
	}
	for _, note := range []string{noteCheck, noteFixed} {
		if _, err := l.Conversation.Note(ctx, l.gh, l.place, note, judged.Comment); err != nil {
			return err
		}
	}
	return l.wakeReports(ctx, l.place.Repo)
}

// unseen is for an issue that GitHub does not show. One that was opened a moment ago may be shown later, so it is
// looked at once more; else it was deleted.
func (l *pass) unseen(ctx context.Context, k key) error {
	now := l.Clock()
	memory, err := change(ctx, l.Patches, k, func(m *issueMemory, _ *bool) {
		if m.Unseen.IsZero() {
			m.Unseen = now.UTC()
		}
	})
	if until := memory.Unseen.Add(conversation.Settle); err == nil && now.Before(until) {
		return store.Later{At: until}
	}
	return err
}

// reasons are those for which labels were put, and would have been.
func reasons(before map[string]string, j rules.Judgement) map[string]string {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]string{}
	}
	for _, w := range j.Add {
		all[strings.ToLower(w.Name)] = w.Reason
	}
	for _, w := range j.Declined {
		all[strings.ToLower(w.Name)] = w.Reason
	}
	return all
}

// relabel puts labels on the issue and takes others away, as was judged.
func (l *pass) relabel(ctx context.Context, j rules.Judgement) error {
	if len(j.Add)+len(j.Remove) > 0 {
		// A report that began since has another memory, in which the labels are as they were.
		defer l.happened(l.place.Repo)
	}
	var add []string
	for _, w := range j.Add {
		add = append(add, w.Name)
	}
	if len(add) > 0 {
		if _, err := l.putLabels(ctx, add); err != nil {
			return err
		}
	}
	for _, w := range j.Remove {
		if err := l.gh.RemoveLabel(ctx, l.place.Name, l.place.Issue, w.Name); err != nil {
			return err
		}
		if !j.Hidden {
			l.Log.Info().Str("issue", l.place.Key()).Str("label", w.Name).Str("reason", w.Reason).Msg("label removed")
		}
	}
	return nil
}

// tellFixed tells the issue which versions have its fix, and closes it where the policy wants that.
func (l *pass) tellFixed(ctx context.Context, k key, known rules.Known, maintained []string) error {
	fixed := known.FixedIn(l.policy, maintained)
	say := func(there bool) string {
		if fixed == "" && there {
			return fixUnknown()
		}
		return fixed
	}
	if _, err := l.Conversation.Note(ctx, l.gh, l.place, noteFixed, say); err != nil {
		return err
	}
	memory, _, err := load[issueMemory](ctx, l.Store, k)
	over := l.policy.CloseResolved && known.State == "open" && known.Everywhere(l.policy, maintained)
	if err != nil || !over || memory.Closed == fixed {
		return err
	}
	if err := l.gh.CloseIssue(ctx, l.place.Name, l.place.Issue); err != nil {
		return err
	}
	_, err = change(ctx, l.Patches, k, func(m *issueMemory, _ *bool) {
		if m.Closed = fixed; m.Shown != nil {
			m.Shown.State = "closed"
		}
	})
	return err
}

// judge looks up what a judgement needs, and which lines are maintained. told are the reasons of the labels so far.
func (l *pass) judge(
	ctx context.Context, is rules.Issue, told map[string]string,
) (rules.Judgement, rules.Facts, []string, error) {
	all, err := l.versions(ctx)
	if err != nil {
		return rules.Judgement{}, rules.Facts{}, nil, err
	}
	found := rules.Found{
		Reasons: told, Maintained: l.policy.MaintainedLines(all), Published: all,
		PullLabels: map[string][]string{}, PullFiles: map[string][]string{},
	}
	facts, err := l.facts(ctx, is, all, &found)
	if err != nil {
		return rules.Judgement{}, facts, nil, err
	}
	facts.Reason = told
	found.Facts = facts
	if found.History, err = l.history(ctx); err != nil {
		return rules.Judgement{}, facts, nil, err
	}
	return rules.Judge(l.policy, is, found), facts, found.Maintained, nil
}

// history is the last change of each label, and whether its author may change guarded ones.
func (l *pass) history(ctx context.Context) (map[string]rules.Touch, error) {
	events, err := l.gh.LabelHistory(ctx, l.place.Name, l.place.Issue)
	if err != nil {
		return nil, err
	}
	out, who := map[string]rules.Touch{}, map[string]step.User{}
	for _, e := range events {
		ours, name := e.Bot && l.Conversation.Ours(e.Actor.Login), strings.ToLower(e.Label)
		out[name] = rules.Touch{By: e.Actor.Login, Bot: ours, Added: e.Added, Trusted: e.Bot}
		who[name] = e.Actor
	}
	known := map[int64]bool{}
	for name, touch := range out {
		if touch.Bot || touch.Trusted || !l.policy.Guards(name) {
			continue
		}
		ok, asked := known[who[name].ID]
		if !asked {
			if ok, err = l.among(ctx, l.policy.Trusted, who[name]); err != nil {
				return nil, err
			}
			known[who[name].ID] = ok
		}
		touch.Trusted = ok
		out[name] = touch
	}
	return out, nil
}
