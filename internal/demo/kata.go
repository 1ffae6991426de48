package demo

import "github.com/slipway-dev/slipway/internal/sandbox"

// Kata is the repository of the Kata Containers rehearsal. Its tracking issue is number 1, too.
const Kata = "kata-containers/kata-containers"

// People of that repository.
const (
	Greg   = "greg"   // release manager: assigned to the tracking issue, no admin
	Fabi   = "fabi"   // maintainer
	Adam   = "adam"   // admin
	Zoe    = "zoe"    // neither
	KataCI = "kataci" // whose token the workflows have
)

// chart is of the shape of kata-deploy's: the number twice, the word in comments, and a dependency with one of its own.
const chart = `apiVersion: v2
name: kata-deploy
description: A Helm chart for deploying Kata Containers

# This is the chart version. This version number should be incremented each time you make changes
version: "4.1.0"

# This is the version number of the application being deployed.
appVersion: "4.1.0"

dependencies:
  - name: node-feature-discovery
    version: "0.19.0"
`

// kataRelease is the workflow's own graph: publish-release does not wait for the chart.
const kataRelease = `name: Release Kata Containers
on: workflow_dispatch
jobs:
  release: {}
  build-and-push-assets-amd64: {needs: release}
  upload-multi-arch-static-tarball: {needs: build-and-push-assets-amd64}
  upload-versions-yaml: {needs: release}
  upload-helm-chart-tarball: {needs: release}
  publish-release: {needs: [upload-multi-arch-static-tarball, upload-versions-yaml]}
`

// KataContainers is a repository of the shape of kata-containers/kata-containers: bare tags with the noise of many
// years, the version in VERSION and in a chart, the two workflows.
func KataContainers() sandbox.Seed {
	return sandbox.Seed{
		Org:   "kata-containers",
		Users: []string{Greg, Fabi, Zoe, Adam, KataCI},
		Repos: []sandbox.SeedRepo{{
			Name: "kata-containers", DefaultBranch: "main",
			Collaborators: map[string]string{Greg: "triage", Fabi: "maintain", Adam: "admin", KataCI: "write"},
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: Fabi, Files: map[string]string{"README.md": "# Kata Containers\n"},
					Tags: []string{"3.2.0-rc0", "3.3.0-alpha0", "CC-0.8.1", "stable-1.8.2", "release-3.4.0",
						"3.3.0-test"}},
				{Message: "release: Bump version to 4.0.0", Author: Fabi,
					Files: map[string]string{"VERSION": "4.0.0\n"}, Tags: []string{"4.0.0"}, Released: true},
				{Message: "release: Bump version to 4.1.0", Author: Fabi, Files: map[string]string{
					"VERSION": "4.1.0\n", "tools/packaging/kata-deploy/helm-chart/kata-deploy/Chart.yaml": chart,
					".github/workflows/release.yaml": kataRelease,
					".github/workflows/payload-after-push.yaml": "name: CI | Publish Kata Containers payload\non:\n  " +
						"push:\n    branches: [main]\n  workflow_dispatch:\njobs:\n  build-assets-amd64: {}\n  " +
						"publish-kata-deploy-payload-amd64: {needs: build-assets-amd64}\n",
					".github/release.yaml": "process: kata\n",
				}, Tags: []string{"4.1.0"}, Released: true},
				{Message: "runtime-rs: read the annotations", Author: Fabi,
					Files: map[string]string{"src/runtime-rs/lib.rs": "fn main() {}\n"}},
				{Branch: "fix-tarball", From: "main", Message: "packaging: keep the static tarball", Author: Fabi,
					Files: map[string]string{"tools/packaging/static-build.sh": "tar --zstd\n"}},
			},
			Issues: []sandbox.SeedIssue{
				{Title: "Kata Containers 4.2.0", Body: "The release of November.\n", Author: Fabi,
					Assignees: []string{Greg}},
				{Title: "packaging: keep the static tarball", Body: "The release workflow needs it.", Author: Fabi,
					Branch: "fix-tarball"},
			},
		}},
	}
}

// KataImages are what a release pushes into registries: images, and the chart.
func KataImages(version string) []string {
	var out []string
	for _, name := range []string{
		"quay.io/kata-containers/kata-deploy", "ghcr.io/kata-containers/kata-deploy",
		"quay.io/kata-containers/kata-deploy-job-dispatcher", "ghcr.io/kata-containers/kata-deploy-job-dispatcher",
		"quay.io/kata-containers/kata-monitor",
		"quay.io/kata-containers/kata-deploy-charts/kata-deploy",
		"ghcr.io/kata-containers/kata-deploy-charts/kata-deploy",
	} {
		out = append(out, name+":"+version)
	}
	return out
}

// KataFiles are the files of a release.
func KataFiles(version string) []string {
	files := []string{
		"kata-tools-static-" + version + "-amd64.tar.zst", "kata-containers-" + version +
			"-versions.yaml", "kata-containers-" + version + "-vendor.tar.gz",
		"libseccomp-2.5.5.tar.gz", "libseccomp-2.5.5.tar.gz.asc", "kata-deploy-" + version + ".tgz",
	}
	for _, arch := range []string{"amd64", "arm64", "s390x", "ppc64le"} {
		files = append(files, "kata-static-"+version+"-"+arch+".tar.zst", "kata-go-static-"+version+"-"+arch+".tar.zst")
	}
	return files
}
