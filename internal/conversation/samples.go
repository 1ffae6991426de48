package conversation

import (
	"errors"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// Texts are the texts about commands and lost logs, for docs/replies.md. Those about issues and repositories are
// LifecycleTexts.
func Texts() []release.Sample {
	one := func(text string) parse.Command { return parse.Commands(text)[0] }
	cut, place := one("/release cut"), Place{Name: "falcosecurity/libs", Issue: 12}
	failed := github.Failure{
		What: "read the checks of 3f2c1ab9 in falcosecurity/libs", Why: "the App lacks the permission `checks: read`",
		Fix: "an owner of the organization grants it",
	}
	var out []release.Sample
	say := func(name, text string) { out = append(out, release.Sample{Name: name, Text: text}) }
	refuse := func(name string, no release.Refusal) { say(name, no.Markdown()) }
	refuse("Commands: /release is misspelled", misspelled(one("/relaese cut")))
	refuse("Commands: a quote is open", unreadable(one(`/priority "critical`)))
	refuse("Commands: a character that cannot be seen",
		hiddenCharacter(one("/release start 1.2.\u202e3"), "1.2.\u202e3"))
	say("Commands: arrived after a later one", arrivedLate())
	refuse("Commands: arrived too late", heardLate(cut, 3*time.Hour))
	for _, event := range tooMany(Said{}, []parse.Command{cut, one("/release status")}) {
		if answer, is := event.(release.Answered); is {
			say("Commands: too many in one comment", answer.Text)
		}
	}
	refuse("Commands: another version of Slipway began the release", otherVersion(&release.UnknownForm{
		What: "started event", Why: errors.New("phase cut: step tag has no `does`")}, cut))
	refuse("Look-ups: GitHub refuses one", cannotLookUp(failed, cut))
	say("Look-ups: one is tried again", release.Sentence(whyDelayed(failed, true)))
	say("Look-ups: one is tried again, for a reason that GitHub does not give",
		release.Sentence(whyDelayed(failed, false)))
	refuse("Look-ups: one failed for ten minutes", notCarriedOut(failed, true, cut))
	say("Look-ups: a rate limit", release.Sentence(rateLimited()))
	refuse("Look-ups: an error of Slipway", internalError())
	say("Copies of the log: one comment", copyText(1, 1))
	say("Copies of the log: several", copyText(1, 2))
	say("Copies of the log: a lost database", noHistory(place))
	say("Copies of the log: restored", restored(place))
	return out
}
