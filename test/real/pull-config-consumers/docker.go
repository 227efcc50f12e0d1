package main

import (
	"os"

	"github.com/docker/cli/cli/config/configfile"
)

// docker has Docker's command line look up who it is at a registry, which calls the helper that the file names.
func docker(arguments []string) (any, error) {
	file, err := os.Open(arguments[0])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	config := configfile.New(arguments[0])
	if err := config.LoadFromReader(file); err != nil {
		return nil, err
	}
	found, err := config.GetAuthConfig(arguments[1])
	return map[string]string{"username": found.Username, "server": found.ServerAddress}, err
}
