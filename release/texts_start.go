package release

import (
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
)

// releaseUnderWay refuses a second start. stands is where the first one is.
func releaseUnderWay(r Release, stands string) *Refusal {
	return &Refusal{
		Why:  r.name() + " is in progress on this issue",
		Rule: "an issue tracks one release at a time",
		Saw:  stands,
		Fix:  "open another issue for another release. To end this one, comment `/release abort REASON`",
	}
}

// startedText answers start. way are the phases of the track, next is what to do now.
func startedText(s Started, way []string, next string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s started the release of %s **%s** (track `%s`).", markdown.Login(s.By), s.Process.Title,
		s.Version, s.Track)
	if s.Previous != "" {
		fmt.Fprintf(&b, " The previous version is %s.", s.Previous)
	}
	if !s.Due.IsZero() {
		fmt.Fprintf(&b, " The due date is %s.", day(s.Due))
	}
	if s.Skip != "" {
		fmt.Fprintf(&b, " A version before it is skipped: %s.", markdown.Code(s.Skip))
	}
	fmt.Fprintf(&b, "\n\nPhases: %s.\n\n**Next:** %s", strings.Join(way, " → "), Sentence(next))
	return b.String()
}

// otherTitle warns that the title of the issue names other versions.
func otherTitle(named []string, version string) string {
	return fmt.Sprintf("⚠️ The title of this issue names %s, but this release is %s.", both(named), version)
}

// noSuchUser warns of a login in the configuration that nobody has.
func noSuchUser(s stranger) string {
	where := "in `team`"
	if s.role != "" {
		where = "for the role " + markdown.Code(s.role)
	}
	return fmt.Sprintf("⚠️ The release configuration names %s %s, and GitHub has no user of that name.%s",
		markdown.Code(s.login), where, s.nobody)
}

// nobodyHas stands below what leaves a role to nobody. Who is in a team is asked each time, and users are those of the
// start.
func nobodyHas(role Role) string {
	if len(role.Teams) > 0 {
		return " Nobody has that role so far."
	}
	return " Nobody has that role in this release."
}

// noSuchTeam warns of a team in the configuration that gives nobody the role.
func noSuchTeam(t voidTeam) string {
	org, _, _ := strings.Cut(t.Name, "/")
	names := "⚠️ The release configuration names the team " + markdown.Code(t.Name) + " for the role " +
		markdown.Code(t.role)
	switch t.Why {
	case TeamEmpty:
		return names + ", and nobody is in that team." + t.nobody
	case TeamRefused:
		return names + ", and GitHub does not let Slipway read it: the App needs `members: read`, which an owner of " +
			markdown.Code(org) + " grants. Until then its members do not have the role." + t.nobody
	}
	return names + ", and GitHub shows Slipway no such team: it does not exist, or it is hidden from the App." +
		t.nobody
}

func optionalPhase(name string) string { return "`" + name + "` (optional)" }

// noVersion refuses a start that names no version. named are those that the title names.
func noVersion(title string, named []string, start string) *Refusal {
	saw := "the title " + markdown.Code(title) + " names no version"
	if len(named) > 1 {
		saw = "the title " + markdown.Code(title) + " names several versions: " + both(named)
	}
	return &Refusal{Why: "the command does not say which version to release", Saw: saw, Fix: "comment `" + start + "`"}
}

// noPreRelease refuses a version with a pre-release part where the project publishes none.
func noPreRelease(version, process, start string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(version) + " cannot be released, because it is a development version",
		Rule: process + " releases versions of the form MAJOR.MINOR.PATCH",
		Fix:  "comment `" + start + "`",
	}
}

// startedByCandidate refuses a candidate as the version of a release. phase makes candidates, empty when none does.
func startedByCandidate(version, start, phase string) *Refusal {
	refusal := &Refusal{
		Why:  markdown.Code(version) + " is a candidate, and a release is started with its final version",
		Rule: "Slipway numbers the candidates when it tags them",
		Fix:  "comment `" + start + "`",
	}
	if phase != "" {
		refusal.Fix += "; `/release " + phase + "` makes the candidates later"
	}
	return refusal
}

// failedVersion refuses a version that was marked as failed.
func failedVersion(d Dudded, start string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(d.Version) + " was marked as failed by " + markdown.Login(d.By),
		Rule: "a version that was marked as failed is never released",
		Saw:  reasonGiven(d.Reason),
		Fix:  "comment `" + start + "`",
	}
}

// noFrom refuses from= where the version tells the branch.
func noFrom(process, start string) *Refusal {
	return &Refusal{
		Why:  process + " does not take `from=`",
		Rule: "the version determines the branch that it is released from",
		Fix:  "comment `" + start + "`",
	}
}

// missingFrom refuses a start that does not say which branch is released. about is what from= names.
func missingFrom(version, about, start string) *Refusal {
	return &Refusal{
		Why:  "the command does not say from which branch " + version + " is released",
		Rule: "`from=` names " + about,
		Fix:  "comment `" + start + "`",
	}
}

// noBranchName refuses what cannot be the name of a branch.
func noBranchName(from, about, start string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(from) + " is not a valid branch name",
		Rule: "`from=` names " + about,
		Fix:  "comment `" + start + "`",
	}
}

// named says which branch from= names, with an example where the process gives one.
func (r FromRule) named() string {
	if r.Example == "" {
		return r.About
	}
	return r.About + ", for example " + r.Example
}

// otherBranch refuses a branch that is not one of those that are released from.
func otherBranch(from string, rule FromRule, start string) *Refusal {
	return &Refusal{
		Why:  "releases are not made from " + markdown.Code(from),
		Rule: "`from=` names " + rule.About + ", which looks like " + markdown.Code(rule.Like),
		Fix:  "comment `" + start + "`",
	}
}

// noDate refuses a due date that is none.
func noDate(due, start string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(due) + " is not a date",
		Rule: "a due date has the form YYYY-MM-DD",
		Fix:  "for example, comment `" + start + "`",
	}
}

// otherFirstPhase refuses to begin a release by a phase that its track does not begin with.
func otherFirstPhase(version, track, first, start string) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("%s is released on the track `%s`, which begins with `%s`", version, track, first),
		Fix: "comment `" + start + "`, then `/release " + first + "`",
	}
}

// unknownOption refuses an option of start that the process does not have.
func unknownOption(key, value, near string, all []string, start string) *Refusal {
	refusal := &Refusal{
		Why:  "`/release start` has no option " + markdown.Code(key+"=") + " in this process",
		Rule: "the options are " + both(options(all)),
		Fix:  "remove it: comment `" + start + "`",
	}
	if near != "" {
		refusal.Fix = "did you mean " + markdown.Code(near+"="+value) + "? To start without it, comment `" + start + "`"
	}
	return refusal
}

func options(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = "`" + name + "=`"
	}
	return out
}

// badInput refuses a value that an option cannot have.
func badInput(key, value string, rule InputRule, start string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(value) + " cannot be used for `" + key + "=`",
		Rule: "`" + key + "=` names " + rule.About + ", for example `" + rule.Example + "`",
		Fix:  "for example, comment `" + start + "`",
	}
}

// missingInput refuses a start that lacks an option which the process needs.
func missingInput(key string, rule InputRule, start string) *Refusal {
	return &Refusal{
		Why:  "`/release start` needs `" + key + "=` in this process",
		Rule: "`" + key + "=` names " + rule.About,
		Fix:  "for example, comment `" + start + "`",
	}
}

// otherTrack refuses a track that is not for this kind of version. tracks are those that are.
func otherTrack(version, kind string, t Track, tracks []string) *Refusal {
	refusal := &Refusal{
		Why:  fmt.Sprintf("%s is a %s version, and the track `%s` is not for those", version, kind, t.Name),
		Rule: "`" + t.Name + "` is for " + both(t.For) + " versions",
		Fix:  "remove `kind=" + t.Name + "`",
	}
	if len(tracks) > 0 {
		refusal.Fix = "use " + either(kinds(tracks)) + ", or remove `kind=`"
	}
	return refusal
}

// noSuchTrack refuses kind= with a track that the process does not have.
func noSuchTrack(process, kind string, tracks []string) *Refusal {
	refusal := &Refusal{Why: process + " has no track " + markdown.Code(kind), Fix: "remove `kind=`"}
	if len(tracks) > 0 {
		refusal.Fix = "use " + either(kinds(tracks))
	}
	return refusal
}

func kinds(tracks []string) []string {
	out := make([]string, len(tracks))
	for i, t := range tracks {
		out[i] = "`kind=" + t + "`"
	}
	return out
}

// noTrackFor refuses a kind of version that no track is for. sorts are those that the tracks are for.
func noTrackFor(process, kind string, sorts []string) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("%s has no track for a %s version", process, kind),
		Rule: "its tracks are for " + both(sorts) + " versions",
		Fix:  "comment `/release start VERSION` with the next " + either(sorts) + " version",
	}
}

// chooseTrack refuses a start where the version does not tell the track.
func chooseTrack(version string, tracks []string) *Refusal {
	return &Refusal{
		Why: version + " can be released on more than one track",
		Fix: "add " + either(kinds(tracks)),
	}
}

// refusedVersion refuses a version that breaks a rule. start starts an accepted one, skipping this one with a reason;
// each is empty when there is none.
func refusedVersion(e *RuleError, start, skipping string) *Refusal {
	refusal := &Refusal{Why: markdown.Code(e.Value) + " cannot be released", Rule: e.Rule}
	if e.Document != "" {
		refusal.Rule += " (" + e.Document + ")"
	}
	refusal.Fix = "comment `" + start + "`"
	if skipping != "" {
		refusal.Fix += "; to skip the versions in between, comment `" + skipping + "`"
	}
	return refusal
}

// unreadVersion refuses a version for a reason that is no rule of the project.
func unreadVersion(err error, start string) *Refusal {
	return &Refusal{Why: markdown.Text(err.Error()), Fix: "comment `" + start + "`"}
}

// failedNote tells, in the notes of the version after it, that a version failed.
func failedNote(d Dudded) string {
	return fmt.Sprintf("%s failed and must not be used: %s.", d.Version, markdown.Code(d.Reason))
}

// exampleDue is a due date for examples.
func exampleDue(at time.Time) string { return day(at.UTC().AddDate(0, 0, 28)) }
