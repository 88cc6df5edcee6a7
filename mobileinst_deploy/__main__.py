"""`python -m mobileinst_deploy`, and `torchrun … -m mobileinst_deploy train …`."""

from mobileinst_deploy.cli.main import main

if __name__ == "__main__":
    main()
