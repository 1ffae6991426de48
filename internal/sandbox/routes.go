package sandbox

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

var table = sync.OnceValue(routes)

// routes is the table of contents of the sandbox's REST API.
func routes() []route {
	return slices.Concat(
		appRoutes(), installationRoutes(), deliveryRoutes(), peopleRoutes(), commentRoutes(), issueRoutes(),
		lockRoutes(), reactionRoutes(), labelRoutes(), milestoneRoutes(), protectionRoutes(), gitRoutes(),
		objectRoutes(), contentRoutes(), ruleRoutes(),
		pullRoutes(), reviewRoutes(), assetRoutes(), releaseRoutes(), checkRoutes(), workflowRoutes(), runRoutes(),
		limitRoutes(),
	)
}

// handler joins the API and git's own protocol.
func (s *Server) handler() http.Handler {
	git := gitrepo.HTTP(filepath.Join(s.o.Dir, "git"), gitrepo.HTTPOptions{
		Authorize: func(r *http.Request, owner, repo string, push bool) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			known := s.repos[strings.ToLower(owner+"/"+repo)]
			if known == nil {
				return errors.New("repository not found")
			}
			if known.Private && !s.can(known, s.pusher(r), "read") {
				return errors.New("repository not found")
			}
			if push && !s.can(known, s.pusher(r), "write") {
				return errors.New("the sandbox takes a login with write access as the user name, with any password")
			}
			return nil
		},
		Allow: func(r *http.Request, owner, repo string, u gitrepo.RefUpdate) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			c := &call{ctx: r.Context(), s: s, r: r, repo: s.repos[strings.ToLower(owner+"/"+repo)], who: s.pusher(r)}
			return s.obey(c, u.Ref, u.Old, u.New, nil)
		},
		Pushed: func(ctx context.Context, r *http.Request, owner, repo string, updates []gitrepo.RefUpdate) {
			s.mu.Lock()
			defer s.mu.Unlock()
			c := &call{ctx: ctx, s: s, r: r, repo: s.repos[strings.ToLower(owner+"/"+repo)], who: s.pusher(r)}
			for _, u := range updates {
				s.refChanged(c, u.Ref, u.Old, u.New)
			}
		},
	})
	api, graphql := s.disturbed(s.serveAPI), s.disturbed(s.serveGraphQL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/v3/"):
			api(w, r)
		case r.URL.Path == GraphQLPath:
			graphql(w, r)
		case strings.HasPrefix(r.URL.Path, ProxyPath):
			s.serveProxy(w, r)
		case strings.HasPrefix(r.URL.Path, "/v2/"):
			s.registry.ServeHTTP(w, r)
		default:
			git.ServeHTTP(w, r)
		}
	})
}

func (s *Server) pusher(r *http.Request) actor {
	login, _, _ := r.BasicAuth()
	return actor{user: s.users[strings.ToLower(login)]}
}
