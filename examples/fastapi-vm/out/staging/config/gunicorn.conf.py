# Made by oetgen from templates/config/gunicorn.conf.py.j2: do not edit.
# Change the template or the values, then run: oetgen render --all
bind = "0.0.0.0:8000"
workers = 2
worker_class = "uvicorn_worker.UvicornWorker"
loglevel = "debug"
proc_name = "orders"
forwarded_allow_ips = "*"
