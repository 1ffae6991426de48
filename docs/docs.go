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

// PatchRelease is the description that an issue of the template begins with.
func PatchRelease() string {
	text, err := Templates.ReadFile("templates/patch-release.md")
	if err != nil {
		panic(err) // it is part of the binary
	}
	_, body, _ := strings.Cut(strings.TrimPrefix(string(text), "---\n"), "---\n")
	return body
}
