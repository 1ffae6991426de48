package step

// The texts that several steps share.

func retry(in Input) string { return "comment `/release retry " + stepID(in) + "`" }

func skip(in Input) string { return "comment `/release skip " + stepID(in) + " REASON`" }

func done(in Input) string { return "comment `/release done " + stepID(in) + "`" }

func abortAndNext() string { return "comment `/release abort REASON`, then start the next version" }

// publishedWrong is how to go on after a release was published with a wrong tag.
func publishedWrong() string {
	return "a published tag is never moved: comment `/release dud REASON` to mark the version as failed, " +
		"then start the next version"
}

func tagMissing(in Input) string { return "check the release on GitHub, then " + retry(in) }

// fixWindow is how what a run found broken is fixed: in the phase that the process has for it, or by another release.
func fixWindow(phase string) string {
	if phase != "" {
		return "If the code needs a fix, comment `/release " + phase +
			"`, merge the fix, and go through the phases again"
	}
	return "If the code needs a fix, comment `/release abort REASON` and start again"
}
