/*
 * purser: the command line of the service.
 */
#include "client/program.h"

int
main(int argc, char **argv)
{
	return program_run(argc, argv);
}
