// Package util holds small helpers.
package util

import "os"

// GetHostName returns the name of this host.
func GetHostName() string {
	name, _ := os.Hostname()
	return name
}
