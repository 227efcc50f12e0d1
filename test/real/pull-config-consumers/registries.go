package main

import (
	"fmt"

	"github.com/containers/image/v5/docker/reference"
	"github.com/containers/image/v5/pkg/sysregistriesv2"
	"github.com/containers/image/v5/types"
)

type sources struct {
	Prefix  string
	Blocked bool
	// In the order in which they are asked.
	Pull []string
}

// registries says where CRI-O, Podman, Buildah and skopeo pull an image from.
func registries(arguments []string) (any, error) {
	return sourcesOf(arguments[0], arguments[1])
}

func sourcesOf(file, image string) (*sources, error) {
	system := &types.SystemContext{SystemRegistriesConfPath: file, SystemRegistriesConfDirPath: file + ".d"}
	registry, err := sysregistriesv2.FindRegistry(system, image)
	if err != nil {
		return nil, err
	}
	if registry == nil {
		return nil, fmt.Errorf("%s: no registry of the file is asked for it", image)
	}
	named, err := reference.ParseNamed(image)
	if err != nil {
		return nil, err
	}
	found, err := registry.PullSourcesFromReference(named)
	if err != nil {
		return nil, err
	}
	understood := &sources{Prefix: registry.Prefix, Blocked: registry.Blocked, Pull: []string{}}
	for _, one := range found {
		understood.Pull = append(understood.Pull, one.Reference.String())
	}
	return understood, nil
}
