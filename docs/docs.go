// Package docs holds the files that repositories take over: the templates of patch-release issues (the Kubernetes
// document, "Summary template").
package docs

import (
	"embed"
	"strings"
)

// Templates are patch-release.md, an issue template, and patch-release.yml, an issue form of the same sections.
//
//go:embed templates
var Templates embed.FS

//go:embed templates/patch-release.md
var issueTemplate string

// PatchRelease is the description that an issue of the template begins with: all below its front matter.
func PatchRelease() string {
	_, body, _ := strings.Cut(strings.TrimPrefix(issueTemplate, "---\n"), "---\n")
	return body
}
