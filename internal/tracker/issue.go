package tracker

import (
	"context"
	"maps"
	"strings"

	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// issueMemory is what is kept of an issue: the facts for the reports, and whether the tracker has anything to do with it.
type issueMemory struct {
	Tracked bool         `json:"tracked,omitempty"`
	Facts   ledger.Facts `json:"facts,omitzero"`
	// Closed is what was said when it was closed as resolved: whoever opens it again for the same is not overruled.
	Closed string `json:"closed,omitempty"`
}

// issue brings the labels and the comment of an issue up to what its description says. The reports look again after it:
// they show what it found.
func (t *Tracker) issue(ctx context.Context, place Place) error {
	gh := t.GitHub(place.Installation)
	p, on, problem, err := t.policy(ctx, gh, place.Repo)
	if err != nil || !on || problem != "" {
		return err
	}
	raw, found, err := gh.Issue(ctx, place.Repo, place.Number)
	if err != nil || !found || raw.Pull {
		return err
	}
	is := read(p, raw)
	var memory issueMemory
	if err := t.load(ctx, place.log("issue"), &memory); err != nil {
		return err
	}
	if !is.Tracked() && !memory.Tracked {
		return nil
	}
	judged, maintained, err := t.judge(ctx, gh, p, place, is, &memory)
	if err != nil {
		return err
	}
	var add []string
	reasons := maps.Clone(memory.Facts.Reason)
	if reasons == nil {
		reasons = map[string]string{}
	}
	for _, w := range judged.Add {
		add = append(add, w.Name)
		reasons[strings.ToLower(w.Name)] = w.Reason
	}
	for _, w := range judged.Declined {
		reasons[strings.ToLower(w.Name)] = w.Reason
	}
	memory.Facts.Reason, memory.Tracked = reasons, true
	// What is known is kept before anything is written: should we be killed between the two, the labels are wanted again
	// for the same reasons.
	if err := t.save(ctx, place, place.log("issue"), memory, false); err != nil {
		return err
	}
	if err := t.labels(ctx, gh, p, place, add); err != nil {
		return err
	}
	for _, w := range judged.Remove {
		if err := gh.RemoveLabel(ctx, place.Repo, place.Number, w.Name); err != nil {
			return err
		}
		t.Log.Info().Str("issue", place.log("issue")).Str("label", w.Name).Str("reason", w.Reason).Msg("label taken away")
	}
	if _, err := t.sticky(ctx, gh, place, place.log("check"), judged.Comment); err != nil {
		return err
	}
	known := ledger.Known{Issue: is, Facts: memory.Facts}
	fixed := known.FixedIn(maintained)
	if _, err := t.sticky(ctx, gh, place, place.log("fixed"), func(said bool) string {
		if fixed == "" && said {
			return "No published version is known to have the fix."
		}
		return fixed
	}); err != nil {
		return err
	}
	if p.CloseResolved && is.State == "open" && known.Everywhere(maintained) && memory.Closed != fixed {
		if err := gh.CloseIssue(ctx, place.Repo, place.Number); err != nil {
			return err
		}
		memory.Closed = fixed
		if err := t.save(ctx, place, place.log("issue"), memory, false); err != nil {
			return err
		}
	}
	return t.wakeReports(ctx, place.Repo)
}

// judge looks up what a judgement needs, and which lines are maintained.
func (t *Tracker) judge(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, is ledger.Issue, memory *issueMemory) (ledger.Judgement, []string, error) {
	all, err := versions(ctx, gh, place.Repo)
	if err != nil {
		return ledger.Judgement{}, nil, err
	}
	found := ledger.Found{Reasons: memory.Facts.Reason, Maintained: p.MaintainedLines(all), Published: all, PullLabels: map[string][]string{}, PullFiles: map[string][]string{}}
	if memory.Facts, err = t.facts(ctx, gh, p, place, is, all, &found); err != nil {
		return ledger.Judgement{}, nil, err
	}
	memory.Facts.Reason = found.Reasons
	found.Claims, found.Alarms = memory.Facts.Claims, memory.Facts.Alarms
	if found.History, err = t.history(ctx, gh, p, place); err != nil {
		return ledger.Judgement{}, nil, err
	}
	return ledger.Judge(p, is, found), found.Maintained, nil
}

// history is the last change of each label, and whether its author may change guarded ones.
func (t *Tracker) history(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place) (map[string]ledger.Touch, error) {
	events, err := gh.LabelHistory(ctx, place.Repo, place.Number)
	if err != nil {
		return nil, err
	}
	out := map[string]ledger.Touch{}
	for _, e := range events {
		out[strings.ToLower(e.Label)] = ledger.Touch{By: e.Actor, Bot: e.Bot && strings.EqualFold(e.Actor, t.AppSlug+"[bot]"), Added: e.Added, Trusted: e.Bot}
	}
	known := map[string]bool{}
	for name, touch := range out {
		if touch.Bot || touch.Trusted || !p.Guards(name) {
			continue
		}
		ok, asked := known[touch.By]
		if !asked {
			if ok, err = t.trusted(ctx, gh, p, place.Repo, touch.By); err != nil {
				return nil, err
			}
			known[touch.By] = ok
		}
		touch.Trusted = ok
		out[name] = touch
	}
	return out, nil
}
