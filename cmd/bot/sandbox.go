package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/docs"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/web"
)

type sandboxCommand struct {
	Listen string `help:"Where the sandbox listens." default:"127.0.0.1:4100"`
}

func (c sandboxCommand) Run(s *streams) error {
	st, err := demo.Open(s.ctx, demo.StageOptions{
		Listen: c.Listen, Clock: time.Now, Log: zerolog.New(s.err).Level(
			zerolog.WarnLevel), Seed: demo.FalcoLibs(), Poll: 10 * time.Second,
		Page: func(st *demo.Stage) http.Handler {
			return web.Pages{Sandbox: st.Sandbox, URL: st.URL, Projects: map[string]web.Project{
				demo.Libs: {People: []string{demo.Manager, demo.Maria, demo.Max, demo.Outsider}},
				demo.Kata: {People: []string{demo.Greg, demo.Fabi, demo.Zoe, demo.KataCI},
					Files: demo.KataFiles("4.2.0")},
				demo.Kube: {People: []string{demo.Petra, demo.Olga, demo.Sam}, Template: docs.PatchRelease()},
			}}.Handler()
		},
	})
	if err != nil {
		return err
	}
	for _, seed := range []sandbox.Seed{demo.KubernetesPatch(), demo.KataContainers()} {
		if err := st.Sandbox.Seed(s.ctx, seed); err != nil {
			return errors.Join(err, st.Close())
		}
	}
	fmt.Fprintf(s.out, `A local GitHub with Slipway in it is running. It begins anew at every start.

  Open      %[1]s/-/%[2]s/issues/%[3]d   the tracking issue "libs 0.21.0"
  Clone     git clone %[1]s/%[2]s.git

On the page, comment /release start 0.21.0 as %[5]s, a maintainer, who assigned %[4]s. Then, as %[4]s, the release
manager, one after the other:
  /release prepare, /release freeze, /release branch, /release rc, /release thaw
/release plan shows what cut will do. Two maintainers sign that: comment /release approve as %[5]s and as %[6]s.
Then, as %[4]s: /release cut
As %[7]s, an outsider, any of them is refused. /release help lists all commands.

The issues of patch releases are in another repository, with two patch releases (issues 4 and 5) to cut:

  Open      %[1]s/-/%[8]s   and there "Open an issue", with mistakes: Slipway answers
  Report    %[1]s/-/%[8]s/issues/%[9]d   comment /release report patches as %[10]s
  Pick      %[1]s/-/%[8]s/issues/2   comment /cherry-pick release-1.31 release-1.30 as %[10]s, then merge
  Ask       curl %[11]s/api/v1/repos/%[8]s/affected/v1.31.0

And a release of Kata Containers. How its workflows end, and what they publish, is set on the page of its repository.

  Open      %[1]s/-/%[12]s/issues/1   as %[15]s: /release start 4.2.0
            then as %[13]s: /release prepare (merge its pull request), freeze, cut
  Say       %[1]s/-/%[12]s   as %[14]s, that the payload succeeds, 4.2.0 of main is published, and release.yaml succeeds

Ctrl-C ends.
`,
		st.URL, demo.Libs, demo.Tracking, demo.Manager, demo.Maria, demo.Max, demo.Outsider,
		demo.Kube, demo.Patches, demo.Petra, st.BotURL, demo.Kata, demo.Greg, demo.KataCI, demo.Fabi)
	<-s.ctx.Done()
	fmt.Fprintln(s.out, "Stopping ...")
	return st.Close()
}
